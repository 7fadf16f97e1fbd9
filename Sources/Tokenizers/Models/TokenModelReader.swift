/// Reads the section `model` of `tokenizer.json`.
enum TokenModelReader {
  /// - Parameter endsInByteLevel: whether the last pre-tokenizer is byte-level.
  static func model(
    _ section: ConfigurationReader, endsInByteLevel: Bool
  ) throws(ModelError) -> any TokenModel {
    switch try type(section) {
    case "BPE": return try bytePairEncoding(section, endsInByteLevel: endsInByteLevel)
    case "Unigram": return try unigram(section)
    case "WordPiece": return try wordPiece(section)
    case let type:
      throw section.unsupported(
        "tokenizer model", type, supported: ["BPE", "Unigram", "WordPiece"])
    }
  }

  /// The model type. Old files have no `type`; then other keys determine it.
  private static func type(_ section: ConfigurationReader) throws(ModelError) -> String {
    try section.refuseNull("type", expected: "string")
    if section.value("type") == nil {
      if section.value("max_input_chars_per_word") != nil { return "WordPiece" }
      if section.value("merges") != nil { return "BPE" }
      if section.value("unk_id") != nil { return "Unigram" }
    }
    return try section.string("type")
  }

  private static func wordPiece(_ section: ConfigurationReader) throws(ModelError) -> WordPiece {
    try WordPiece(
      vocabulary: vocabulary(section.nested("vocab")),
      unknownToken: section.string("unk_token"),
      continuingPrefix: section.string("continuing_subword_prefix"),
      maxWordLength: section.integer("max_input_chars_per_word", in: 0...10_000),
      path: section.path)
  }

  /// Reads a vocabulary from an object with tokens as keys and ids as values.
  static func vocabulary(_ table: ConfigurationReader) throws(ModelError) -> ModelVocabulary {
    var count = 0
    var byteCount = 0
    table.object.forEachMember { key, _ in
      count += 1
      byteCount += key.count
    }
    var tokens = ByteStrings(count: count, byteCount: byteCount)
    var ids: [Int32] = []
    ids.reserveCapacity(count)
    try table.object.forEachMember { key, value throws(ModelError) in
      guard let id = value.integer, (0..<ModelVocabulary.idLimit).contains(id) else {
        let name = String(decoding: key.indices.map { key[$0] }, as: UTF8.self)
        throw table.failure(
          "\(table.name(of: printable(name))): expected an id, an integer in the range "
            + "0..<\(ModelVocabulary.idLimit)")
      }
      tokens.append(key)
      ids.append(Int32(id))
    }
    return try ModelVocabulary(tokens, ids: ids, path: table.path)
  }

  // MARK: - BPE

  private static func bytePairEncoding(
    _ section: ConfigurationReader, endsInByteLevel: Bool
  ) throws(ModelError) -> BytePairEncoding {
    if let dropout = try section.optionalNumber("dropout", in: 0...1), dropout > 0 {
      throw section.unsupported("dropout", "\(dropout)", supported: ["0"])
    }
    var options = BytePairEncoding.Options()
    options.unknownToken = try section.optionalString("unk_token")
    options.fusesUnknown = try section.optionalBoolean("fuse_unk") ?? false
    options.fallsBackToBytes = try section.optionalBoolean("byte_fallback") ?? false
    options.ignoresMerges = try section.optionalBoolean("ignore_merges") ?? false
    options.continuingPrefix = try nonEmpty(section, "continuing_subword_prefix")
    options.wordSuffix = try nonEmpty(section, "end_of_word_suffix")
    if options.fallsBackToBytes, options.continuingPrefix != nil || options.wordSuffix != nil {
      throw section.unsupported(
        "byte_fallback", "with continuing_subword_prefix or end_of_word_suffix",
        supported: ["byte_fallback alone"])
    }
    let vocabulary = try vocabulary(section.nested("vocab"))
    options.takesBytes =
      endsInByteLevel && !options.fallsBackToBytes
      && BytePairEncoding.hasAllBytes(vocabulary, options)
    return try BytePairEncoding(
      vocabulary: vocabulary, merges: merges(section, vocabulary, options), options: options,
      path: section.path)
  }

  private static func nonEmpty(
    _ section: ConfigurationReader, _ key: String
  ) throws(ModelError) -> String? {
    guard let text = try section.optionalString(key), !text.isEmpty else { return nil }
    guard text.utf8.count <= 64 else {
      throw section.failure("\(section.name(of: key)): \(text.utf8.count) bytes, the limit is 64")
    }
    return text
  }

  /// The merges, each written as `"a b"` or `["a", "b"]`.
  private static func merges(
    _ section: ConfigurationReader, _ vocabulary: ModelVocabulary,
    _ options: BytePairEncoding.Options
  ) throws(ModelError) -> MergeBuilder {
    let values = try section.array("merges")
    var merges = try MergeBuilder(
      vocabulary: vocabulary, capacity: values.count, continuingPrefix: options.continuingPrefix,
      path: section.path)
    var index = 0
    try values.forEachElement { value throws(ModelError) in
      defer { index += 1 }
      if merges.isCancelled() { return }
      let isPair =
        if value.isString {
          try value.withString { text throws(ModelError) in try add(text, to: &merges) } ?? false
        } else {
          try add(value.pair, to: &merges)
        }
      guard isPair else {
        throw section.failure(
          "\(section.name(of: "merges"))[\(index)]: expected two tokens")
      }
    }
    return merges
  }

  /// Adds a merge that is written as `"a b"`. Returns false if the text is not two tokens.
  private static func add(
    _ text: Span<UInt8>, to merges: inout MergeBuilder
  ) throws(ModelError) -> Bool {
    if text.starts(with: "#version") { return true }
    guard let space = text.firstIndex(of: UInt8(ascii: " ")) else { return false }
    let right = text.extracting(space + 1..<text.count)
    guard right.firstIndex(of: UInt8(ascii: " ")) == nil else { return false }
    try merges.add(text.extracting(0..<space), right)
    return true
  }

  /// Adds a merge that is written as an array. Returns false if the elements are not two strings.
  private static func add(
    _ pair: (first: JSONElement, second: JSONElement)?, to merges: inout MergeBuilder
  ) throws(ModelError) -> Bool {
    guard let pair else { return false }
    return try pair.first.withString { left throws(ModelError) in
      try pair.second.withString { right throws(ModelError) in
        try merges.add(left, right)
        return true
      } ?? false
    } ?? false
  }

  // MARK: - Unigram

  private static func unigram(_ section: ConfigurationReader) throws(ModelError) -> Unigram {
    try section.refuseNull("byte_fallback", expected: "boolean")
    let values = try section.array("vocab")
    guard values.count < ModelVocabulary.idLimit else {
      throw section.failure(
        "\(section.name(of: "vocab")): \(values.count) tokens, "
          + "expected fewer than \(ModelVocabulary.idLimit)")
    }
    var byteCount = 0
    values.forEachElement { value in
      byteCount += value.pair?.first.withString { $0.count } ?? 0
    }
    var tokens = ByteStrings(count: values.count, byteCount: byteCount)
    var scores: [Double] = []
    scores.reserveCapacity(values.count)
    try values.forEachElement { value throws(ModelError) in
      func failure(_ reason: String) -> ModelError {
        section.failure("\(section.name(of: "vocab"))[\(scores.count)]: \(reason)")
      }
      guard let (token, number) = value.pair, token.isString,
        let score = number.value.number?.double
      else { throw failure("expected a token and its score") }
      guard score.isFinite else { throw failure("the score must be a finite number") }
      token.withString { tokens.append($0) }
      guard tokens[scores.count].count <= Unigram.tokenLengthLimit else {
        throw failure("token longer than \(Unigram.tokenLengthLimit) bytes")
      }
      scores.append(score)
    }
    // Without an unknown token, some texts could not be tokenized.
    guard let unknownID = try section.optionalInteger("unk_id", in: 0...Int(Int32.max)) else {
      throw section.unsupported("tokenizer model", "Unigram without unk_id", supported: [])
    }
    return try Unigram(
      vocabulary: ModelVocabulary(tokens, path: section.path), scores: scores,
      unknownID: unknownID,
      fallsBackToBytes: section.optionalBoolean("byte_fallback") ?? false, path: section.path)
  }
}
