import Attention

extension GenerationOptions {
  /// The options in a model's folder: from `generation_config.json`, or from `config.json` if that file is
  /// missing, as in older models.
  ///
  /// A missing key has the default of `transformers`. A value without effect is not an error:
  /// `temperature` with `do_sample: false`, an `eos_token_id` outside the vocabulary, an unknown key.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - vocabularySize: the number of token ids, to check forced and banned tokens; nil if the model is not
  ///     known yet.
  /// - Throws: `ModelError.unsupported` for a key whose effect is not implemented;
  ///   `ModelError.configuration` naming file and key for a wrong value that has an effect;
  ///   `AttentionError.file`.
  public init(reading directory: ModelDirectory, vocabularySize: Int? = nil) throws {
    self.init()
    if let config = try directory.generationConfiguration() {
      try apply(config, vocabularySize: vocabularySize)
    } else if directory.contains("config.json") {
      let config = try directory.configuration()
      try apply(config, vocabularySize: vocabularySize)
      // The key for `forced_bos_token_id` in old BART files.
      if try config.optionalBoolean("force_bos_token_to_be_generated") == true {
        forcedFirstToken = bosToken
      }
    }
  }

  /// Applies the settings in `config`; other options are unchanged.
  ///
  /// - Throws: as ``init(reading:vocabularySize:)``.
  mutating func apply(
    _ config: ConfigurationReader, vocabularySize: Int? = nil
  ) throws(ModelError) {
    noteUnsupported(config)
    applyLengths(config)
    applyStrategy(config)
    applySampling(config)
    applyRestrictions(config)
    applyTokens(config)
    if let vocabularySize, let forcedFirstToken, !(0..<vocabularySize).contains(forcedFirstToken) {
      let key = "forced_bos_token_id"
      let error = config.failure(
        "\(config.name(of: key)): id \(forcedFirstToken) is out of range for a vocabulary of "
          + "\(vocabularySize)")
      refusals[key] = Refusal(mode: .loneStart, error: error)
    }
    do {
      try check(vocabularySize: vocabularySize)
    } catch let error as ModelError {
      throw error
    } catch AttentionError.argument(let name, let reason) {
      let key = Self.keys[name].map { config.name(of: $0) } ?? name
      throw config.failure("\(key): \(reason)")
    } catch {
      throw config.failure("\(error)")
    }
  }

  /// The names of options in files.
  private static let keys = [
    "maxNewTokens": "max_new_tokens", "maxLength": "max_length",
    "minNewTokens": "min_new_tokens", "minLength": "min_length", "beamCount": "num_beams",
    "resultCount": "num_return_sequences", "temperature": "temperature", "topK": "top_k",
    "topP": "top_p", "minP": "min_p", "repetitionPenalty": "repetition_penalty",
    "noRepeatNGramSize": "no_repeat_ngram_size", "lengthPenalty": "length_penalty",
    "promptNoRepeatNGramSize": "encoder_no_repeat_ngram_size", "stopStrings": "stop_strings",
    "bannedSequences": "bad_words_ids", "forcedFirstToken": "forced_bos_token_id",
    "forcedLastTokens": "forced_eos_token_id",
  ]

  private mutating func applyLengths(_ config: ConfigurationReader) {
    // As in transformers, max_new_tokens takes precedence over max_length.
    let newTokens = read("max_new_tokens") { try config.length("max_new_tokens", least: 1) }
    if let newTokens {
      maxNewTokens = newTokens
    } else if config.value("max_length") != nil {
      maxNewTokens = nil
    }
    maxLength =
      read("max_length", .totalLength) { try config.length("max_length", least: 1) }
      ?? maxLength
    minLength =
      read("min_length") { try config.length("min_length", least: nil) } ?? minLength
    let leastTokens = read("min_new_tokens") { try config.length("min_new_tokens", least: nil) }
    if let leastTokens {
      // As in transformers, min_new_tokens takes precedence over min_length.
      minNewTokens = leastTokens
      minLength = 0
      refusals["min_length"] = nil
    }
  }

  private mutating func applyStrategy(_ config: ConfigurationReader) {
    isSampling = read("do_sample") { try config.optionalBoolean("do_sample") } ?? isSampling
    beamCount =
      read("num_beams") { try config.optionalInteger("num_beams", in: 1...Self.countLimit) }
      ?? beamCount
    resultCount =
      read("num_return_sequences") {
        try config.optionalInteger("num_return_sequences", in: 1...Self.countLimit)
      } ?? resultCount
    lengthPenalty =
      read("length_penalty", .beamSearch) { try config.float("length_penalty") } ?? lengthPenalty
    earlyStopping =
      read("early_stopping", .beamSearch) { try config.earlyStopping() } ?? earlyStopping
    renormalizesLogits =
      read("renormalize_logits", .beamSearch) { try config.optionalBoolean("renormalize_logits") }
      ?? renormalizesLogits
  }

  private mutating func applySampling(_ config: ConfigurationReader) {
    temperature = read("temperature", .sampling) { try config.float("temperature") } ?? temperature
    let count = read("top_k", .sampling) {
      try config.optionalInteger("top_k", in: Int.min...Int.max)
    }
    if let count { topK = count == 0 ? nil : count }
    // transformers ignores top_p of 1 and above.
    topP = read("top_p", .sampling) { try config.float("top_p") }.map { $0 > 1 ? 1 : $0 } ?? topP
    minP = read("min_p", .sampling) { try config.float("min_p") } ?? minP
  }

  private mutating func applyRestrictions(_ config: ConfigurationReader) {
    repetitionPenalty =
      read("repetition_penalty") { try config.float("repetition_penalty") } ?? repetitionPenalty
    noRepeatNGramSize =
      read("no_repeat_ngram_size") { try config.length("no_repeat_ngram_size", least: nil) }
      ?? noRepeatNGramSize
    promptNoRepeatNGramSize =
      read("encoder_no_repeat_ngram_size") {
        try config.length("encoder_no_repeat_ngram_size", least: nil)
      } ?? promptNoRepeatNGramSize
    bannedSequences =
      read("bad_words_ids") { try config.idSequences("bad_words_ids") } ?? bannedSequences
    suppressedTokens =
      read("suppress_tokens") { try config.ids("suppress_tokens") } ?? suppressedTokens
    beginSuppressedTokens =
      read("begin_suppress_tokens") { try config.ids("begin_suppress_tokens") }
      ?? beginSuppressedTokens
    stopStrings = read("stop_strings") { try config.strings("stop_strings") } ?? stopStrings
  }

  private mutating func applyTokens(_ config: ConfigurationReader) {
    forcedFirstToken =
      read("forced_bos_token_id") { try config.id("forced_bos_token_id") } ?? forcedFirstToken
    forcedLastTokens =
      read("forced_eos_token_id") { try config.ids("forced_eos_token_id") } ?? forcedLastTokens
    eosTokens = read("eos_token_id") { try config.ids("eos_token_id") } ?? eosTokens
    // Wrong values are ignored here: few prompts use these tokens.
    bosToken = (try? config.id("bos_token_id")) ?? bosToken
    padToken = (try? config.id("pad_token_id")) ?? padToken
  }
}

extension ConfigurationReader {
  /// The number under `key`, in single precision; infinite if it is too large.
  fileprivate func float(_ key: String) throws(ModelError) -> Float? {
    guard let value = value(key) else { return nil }
    guard let number = value.number else { throw mismatch(key, expected: "number", value) }
    return Float(number.double)
  }

  /// The number of tokens under `key`, at most `GenerationOptions.lengthLimit`.
  ///
  /// - Parameter least: the smallest valid number; nil if numbers of 0 and less mean no limit.
  fileprivate func length(_ key: String, least: Int?) throws(ModelError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.number, number.isInteger else {
      throw mismatch(key, expected: "integer", value)
    }
    let limit = GenerationOptions.lengthLimit
    let length = min(number.integer ?? (number.text.hasPrefix("-") ? -1 : limit), limit)
    guard length >= least ?? length else {
      throw mismatch(key, expected: "integer in the range \(least ?? 0)...\(limit)", value)
    }
    return max(length, 0)
  }

  fileprivate func earlyStopping() throws(ModelError) -> GenerationOptions.EarlyStopping? {
    guard let value = value("early_stopping") else { return nil }
    switch value {
    case .boolean(true): return .whenFull
    case .boolean(false): return .whenUnlikely
    case .string("never"): return .whenImpossible
    default: throw mismatch("early_stopping", expected: "boolean or \"never\"", value)
    }
  }

  /// The token id under `key`: a number, or a list of one.
  fileprivate func id(_ key: String) throws(ModelError) -> Int? {
    guard let value = value(key), let ids = try ids(key) else { return nil }
    guard ids.count == 1 else { throw mismatch(key, expected: "one token id", value) }
    return ids[0]
  }

  /// The token ids under `key`: a number or a list.
  fileprivate func ids(_ key: String) throws(ModelError) -> [Int]? {
    guard let value = value(key) else { return nil }
    return try ids(key, value)
  }

  /// The lists of token ids under `key`.
  fileprivate func idSequences(_ key: String) throws(ModelError) -> [[Int]]? {
    guard let values = try optionalArray(key) else { return nil }
    var sequences: [[Int]] = []
    for value in values { sequences.append(try ids(key, value)) }
    // An empty sequence has no effect.
    return sequences.filter { !$0.isEmpty }
  }

  private func ids(_ key: String, _ value: JSON) throws(ModelError) -> [Int] {
    var ids: [Int] = []
    try value.forEachElement { element throws(ModelError) in
      guard let id = element.integer else {
        throw mismatch(key, expected: "token id, an integer", element)
      }
      ids.append(id)
    }
    return ids
  }

  /// The strings under `key`: a string or a list.
  fileprivate func strings(_ key: String) throws(ModelError) -> [String]? {
    guard let value = value(key) else { return nil }
    var strings: [String] = []
    try value.forEachElement { element throws(ModelError) in
      guard let string = element.string else {
        throw mismatch(key, expected: "string", element)
      }
      strings.append(string)
    }
    return strings
  }
}
