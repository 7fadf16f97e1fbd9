import Attention

extension GenerationOptions {
  /// The options that come with a model: those of `generation_config.json`, or where there is none those
  /// of `config.json`, where older models have them.
  ///
  /// What neither says is as `transformers` has it. Keys that change nothing about the text are passed
  /// over.
  ///
  /// - Throws: `ModelError.unsupported` for a key that would change the text in a way that is not
  ///   implemented; `ModelError.configuration` for a value that makes no sense; `AttentionError.file`.
  public init(reading directory: ModelDirectory) throws {
    self.init()
    if directory.contains("generation_config.json") {
      try apply(
        ConfigurationReader(contentsOfFile: directory.file("generation_config.json")))
    } else if directory.contains("config.json") {
      let config = try directory.configuration()
      try apply(config)
      // BART's old way of saying that the first token is always the same.
      if forcedFirstToken == nil,
        try config.optionalBoolean("force_bos_token_to_be_generated") == true
      {
        forcedFirstToken = beginToken
      }
    }
  }

  /// Takes over what `config` says; the rest stays.
  ///
  /// - Throws: as ``init(reading:)``.
  mutating func apply(_ config: ConfigurationReader) throws {
    try config.refuseUnsupported()
    try applyLengths(config)
    try applyStrategy(config)
    try applyRestrictions(config)
    do {
      try check()
    } catch AttentionError.argument(let name, let reason) {
      throw config.failure("\(Self.keys[name] ?? name): \(reason)")
    }
  }

  /// The names of options in files.
  private static let keys = [
    "maximumNewTokens": "max_new_tokens", "maximumLength": "max_length",
    "minimumNewTokens": "min_new_tokens", "minimumLength": "min_length", "beamCount": "num_beams",
    "sequenceCount": "num_return_sequences", "temperature": "temperature", "topK": "top_k",
    "topP": "top_p", "minP": "min_p", "repetitionPenalty": "repetition_penalty",
    "noRepeatNGramSize": "no_repeat_ngram_size", "lengthPenalty": "length_penalty",
    "promptNoRepeatNGramSize": "encoder_no_repeat_ngram_size", "stopStrings": "stop_strings",
    "bannedSequences": "bad_words_ids",
  ]

  private mutating func applyLengths(_ config: ConfigurationReader) throws {
    let range = 1...Self.lengthLimit
    if let length = try config.optionalInteger("max_length", in: range) {
      maximumLength = length
      maximumNewTokens = nil
    }
    if let count = try config.optionalInteger("max_new_tokens", in: range) {
      maximumNewTokens = count
    }
    minimumLength =
      try config.optionalInteger("min_length", in: 0...Self.lengthLimit) ?? minimumLength
    minimumNewTokens =
      try config.optionalInteger("min_new_tokens", in: 0...Self.lengthLimit) ?? minimumNewTokens
  }

  private mutating func applyStrategy(_ config: ConfigurationReader) throws {
    samples = try config.optionalBoolean("do_sample") ?? samples
    beamCount = try config.optionalInteger("num_beams", in: 1...Self.countLimit) ?? beamCount
    sequenceCount =
      try config.optionalInteger("num_return_sequences", in: 1...Self.countLimit) ?? sequenceCount
    temperature = try config.float("temperature") ?? temperature
    if let count = try config.optionalInteger("top_k", in: 0...Int.max) {
      topK = count == 0 ? nil : count
    }
    topP = try config.float("top_p") ?? topP
    minP = try config.float("min_p") ?? minP
    repetitionPenalty = try config.float("repetition_penalty") ?? repetitionPenalty
    lengthPenalty = try config.float("length_penalty") ?? lengthPenalty
    if let value = config.value("early_stopping") {
      switch value {
      case .boolean(true): earlyStopping = .whenFull
      case .boolean(false): earlyStopping = .whenUnlikely
      case .string("never"): earlyStopping = .whenImpossible
      default:
        throw config.mismatch("early_stopping", expected: "boolean or \"never\"", value)
      }
    }
  }

  private mutating func applyRestrictions(_ config: ConfigurationReader) throws {
    let range = 0...Self.lengthLimit
    noRepeatNGramSize =
      try config.optionalInteger("no_repeat_ngram_size", in: range) ?? noRepeatNGramSize
    promptNoRepeatNGramSize =
      try config.optionalInteger("encoder_no_repeat_ngram_size", in: range)
      ?? promptNoRepeatNGramSize
    if let sequences = try config.optionalArray("bad_words_ids") {
      bannedSequences = try sequences.map { try config.ids("bad_words_ids", $0) }
    }
    suppressedTokens = try config.ids("suppress_tokens") ?? suppressedTokens
    beginSuppressedTokens = try config.ids("begin_suppress_tokens") ?? beginSuppressedTokens
    forcedFirstToken = try config.id("forced_bos_token_id") ?? forcedFirstToken
    forcedLastTokens = try config.ids("forced_eos_token_id") ?? forcedLastTokens
    stopTokens = try config.ids("eos_token_id") ?? stopTokens
    beginToken = try config.id("bos_token_id") ?? beginToken
    paddingToken = try config.id("pad_token_id") ?? paddingToken
    if let value = config.value("stop_strings") {
      stopStrings = try (value.array ?? [value]).map {
        guard let string = $0.string else {
          throw config.mismatch("stop_strings", expected: "string", $0)
        }
        return string
      }
    }
  }
}

extension ConfigurationReader {
  /// The number under `key`, in single precision.
  fileprivate func float(_ key: String) throws -> Float? {
    let largest = Double(Float.greatestFiniteMagnitude)
    return try optionalNumber(key, in: -largest...largest).map { Float($0) }
  }

  /// The token id under `key`.
  fileprivate func id(_ key: String) throws -> Int? {
    try value(key).map { try id(key, $0) }
  }

  /// The token ids under `key`, of which one may stand alone.
  fileprivate func ids(_ key: String) throws -> [Int]? {
    try value(key).map { try ids(key, $0) }
  }

  fileprivate func ids(_ key: String, _ value: JSON) throws -> [Int] {
    try (value.array ?? [value]).map { try id(key, $0) }
  }

  private func id(_ key: String, _ value: JSON) throws -> Int {
    guard let id = value.integer, (0..<Int(Int32.max)).contains(id) else {
      throw mismatch(key, expected: "token id, an integer from 0", value)
    }
    return id
  }

  /// Refuses what would change the text and is not implemented.
  fileprivate func refuseUnsupported() throws {
    let neutral: [String: [Double]] = [
      "penalty_alpha": [0], "num_beam_groups": [0, 1], "diversity_penalty": [0], "typical_p": [1],
      "epsilon_cutoff": [0], "eta_cutoff": [0], "top_h": [], "guidance_scale": [1],
      "encoder_repetition_penalty": [1], "prompt_lookup_num_tokens": [0], "max_time": [],
      "assistant_early_exit": [0],
    ]
    for (key, values) in neutral.sorted(by: { $0.key < $1.key }) {
      guard let value = value(key) else { continue }
      guard let number = value.number?.double else {
        throw mismatch(key, expected: "number", value)
      }
      guard values.contains(number) else { throw unsupported("\(key) = \(number)") }
    }
    for key in ["renormalize_logits", "token_healing", "use_mtp", "is_assistant"]
    where try optionalBoolean(key) == true {
      throw unsupported("\(key) = true")
    }
    for key in [
      "sequence_bias", "exponential_decay_length_penalty", "constraints", "force_words_ids",
      "watermarking_config", "dola_layers", "forced_decoder_ids", "speculation_type",
    ] where value(key) != nil {
      throw unsupported(key)
    }
  }

  private func unsupported(_ what: String) -> ModelError {
    .unsupported(path: path, what: "\(name(of: what))", supported: [])
  }
}
