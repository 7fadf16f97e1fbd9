/// Reads a `tokenizer.json` as the tokenizers library of Hugging Face writes it.
enum TokenizerFile {
  static func read(_ path: String) throws -> Tokenizer.Pipeline {
    try pipeline(ConfigurationReader(contentsOfFile: path, role: .tokenizer))
  }

  static func pipeline(_ file: ConfigurationReader) throws(ModelError) -> Tokenizer.Pipeline {
    let model = try TokenModelReader.model(file.nested("model"))
    let normalizer = try file.optionalNested("normalizer").map(NormalizerReader.normalizer)
    let preTokenizer = try file.optionalNested("pre_tokenizer").map(PreTokenizerReader.preTokenizer)
    let added = try AddedTokenReader.tokens(file, vocabulary: model.vocabulary)
    let vocabulary = TokenVocabulary(model: model.vocabulary, added: added)
    let processor = try file.optionalNested("post_processor").map {
      reader throws(ModelError) in
      try TemplateProcessorReader.processor(reader, vocabulary: vocabulary)
    }
    return Tokenizer.Pipeline(
      normalizer: normalizer, preTokenizer: preTokenizer, model: model, addedTokens: added,
      processor: processor ?? .plain)
  }
}

extension ConfigurationReader {
  /// The error for a `type` that this library does not implement.
  func unsupported(_ kind: String, _ type: String, supported: [String]) -> ModelError {
    .unsupported(path: path, what: "\(kind) \(type)", supported: supported)
  }

  /// Readers for the objects of the array under `key`.
  func nestedArray(_ key: String) throws(ModelError) -> [ConfigurationReader] {
    var readers: [ConfigurationReader] = []
    for (index, value) in try array(key).enumerated() {
      readers.append(try reader(for: value, named: "\(key)[\(index)]"))
    }
    return readers
  }
}

/// Reads the section `model`.
enum TokenModelReader {
  static func model(_ section: ConfigurationReader) throws(ModelError) -> any TokenModel {
    // Old files leave the type out; only WordPiece's keys tell it then.
    let isUntypedWordPiece =
      section.value("type") == nil && section.value("max_input_chars_per_word") != nil
    let type = isUntypedWordPiece ? "WordPiece" : try section.string("type")
    switch type {
    case "WordPiece": return try wordPiece(section)
    default: throw section.unsupported("tokenizer model", type, supported: ["WordPiece"])
    }
  }

  private static func wordPiece(_ section: ConfigurationReader) throws(ModelError) -> WordPiece {
    try WordPiece(
      vocabulary: vocabulary(section),
      unknownToken: section.string("unk_token"),
      continuingPrefix: section.string("continuing_subword_prefix"),
      maximumWordLength: section.integer("max_input_chars_per_word", in: 0...10_000),
      path: section.path)
  }

  private static func vocabulary(
    _ section: ConfigurationReader
  ) throws(ModelError) -> ModelVocabulary {
    let object = try section.nested("vocab").object
    var entries: [(token: String, id: Int32)] = []
    entries.reserveCapacity(object.count)
    for member in object.members {
      guard let id = member.value.integer, (0..<ModelVocabulary.idLimit).contains(id) else {
        throw section.failure(
          "\(section.name(of: "vocab")): the id of \(member.key.debugDescription) must be an "
            + "integer in the range 0..<\(ModelVocabulary.idLimit)")
      }
      entries.append((member.key, Int32(id)))
    }
    return try ModelVocabulary(entries, path: section.path)
  }
}

/// Reads the section `normalizer`.
enum NormalizerReader {
  private static let supported = [
    "BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Sequence", "Strip",
    "StripAccents",
  ]

  static func normalizer(_ section: ConfigurationReader) throws(ModelError) -> any Normalizer {
    let type = try section.string("type")
    switch type {
    case "BertNormalizer":
      let lowercases = try section.boolean("lowercase")
      return try BertNormalizer(
        cleansText: section.boolean("clean_text"),
        spacesChinese: section.boolean("handle_chinese_chars"),
        stripsAccents: section.optionalBoolean("strip_accents") ?? lowercases,
        lowercases: lowercases)
    case "Lowercase": return LowercaseNormalizer()
    case "NFC": return UnicodeNormalizer(isCompatible: false, composes: true)
    case "NFD": return UnicodeNormalizer(isCompatible: false, composes: false)
    case "NFKC": return UnicodeNormalizer(isCompatible: true, composes: true)
    case "NFKD": return UnicodeNormalizer(isCompatible: true, composes: false)
    case "StripAccents": return StripAccentsNormalizer()
    case "Strip":
      return try StripNormalizer(
        left: section.boolean("strip_left"), right: section.boolean("strip_right"))
    case "Sequence":
      var steps: [any Normalizer] = []
      for step in try section.nestedArray("normalizers") { steps.append(try normalizer(step)) }
      return NormalizerSequence(steps: steps)
    default:
      throw section.unsupported("normalizer", type, supported: supported)
    }
  }
}

/// Reads the section `pre_tokenizer`.
enum PreTokenizerReader {
  private static let supported = [
    "BertPreTokenizer", "Sequence", "Whitespace", "WhitespaceSplit",
  ]

  static func preTokenizer(_ section: ConfigurationReader) throws(ModelError) -> any PreTokenizer {
    let type = try section.string("type")
    switch type {
    case "BertPreTokenizer": return ScalarClassSplitter.bert
    case "Whitespace": return ScalarClassSplitter.whitespace
    case "WhitespaceSplit": return ScalarClassSplitter.whitespaceSplit
    case "Sequence":
      var steps: [any PreTokenizer] = []
      for step in try section.nestedArray("pretokenizers") { steps.append(try preTokenizer(step)) }
      return PreTokenizerSequence(steps: steps)
    default:
      throw section.unsupported("pre-tokenizer", type, supported: supported)
    }
  }
}
