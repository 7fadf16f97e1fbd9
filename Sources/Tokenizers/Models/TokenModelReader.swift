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
    var entries: [(token: String, id: Int32)] = []
    entries.reserveCapacity(table.object.count)
    for member in table.object.members {
      guard let id = member.value.integer, (0..<ModelVocabulary.idLimit).contains(id) else {
        throw table.failure(
          "\(table.name(of: printable(member.key))): expected an id, an integer in the range "
            + "0..<\(ModelVocabulary.idLimit)")
      }
      entries.append((member.key, Int32(id)))
    }
    return try ModelVocabulary(entries, path: table.path)
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
      vocabulary: vocabulary, pairs: pairs(section), options: options, path: section.path)
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
  private static func pairs(
    _ section: ConfigurationReader
  ) throws(ModelError) -> [(String, String)] {
    var pairs: [(String, String)] = []
    let merges = try section.array("merges")
    pairs.reserveCapacity(merges.count)
    for (index, merge) in merges.enumerated() {
      func failure() -> ModelError {
        section.failure("\(section.name(of: "merges"))[\(index)]: expected two tokens")
      }
      if let text = merge.string {
        if text.utf8.starts(with: "#version".utf8) { continue }
        let parts = text.utf8.split(
          separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 2, let left = String(parts[0]), let right = String(parts[1]) else {
          throw failure()
        }
        pairs.append((left, right))
      } else {
        guard let parts = merge.array, parts.count == 2, let left = parts[0].string,
          let right = parts[1].string
        else { throw failure() }
        pairs.append((left, right))
      }
    }
    return pairs
  }

  // MARK: - Unigram

  private static func unigram(_ section: ConfigurationReader) throws(ModelError) -> Unigram {
    let values = try section.array("vocab")
    guard values.count < ModelVocabulary.idLimit else {
      throw section.failure(
        "\(section.name(of: "vocab")): \(values.count) tokens, "
          + "expected fewer than \(ModelVocabulary.idLimit)")
    }
    var entries: [(token: String, id: Int32)] = []
    var scores: [Double] = []
    entries.reserveCapacity(values.count)
    scores.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      func failure(_ reason: String) -> ModelError {
        section.failure("\(section.name(of: "vocab"))[\(index)]: \(reason)")
      }
      guard let pair = value.array, pair.count == 2, let token = pair[0].string,
        let score = pair[1].number?.double
      else { throw failure("expected a token and its score") }
      guard score.isFinite else { throw failure("the score must be a finite number") }
      guard token.utf8.count <= Unigram.tokenLengthLimit else {
        throw failure("token longer than \(Unigram.tokenLengthLimit) bytes")
      }
      entries.append((token, Int32(index)))
      scores.append(score)
    }
    // Without an unknown token, some texts could not be tokenized.
    guard let unknownID = try section.optionalInteger("unk_id", in: 0...Int(Int32.max)) else {
      throw section.unsupported("tokenizer model", "Unigram without unk_id", supported: [])
    }
    return try Unigram(
      vocabulary: ModelVocabulary(entries, path: section.path), scores: scores,
      unknownID: unknownID,
      fallsBackToBytes: section.optionalBoolean("byte_fallback") ?? false, path: section.path)
  }
}
