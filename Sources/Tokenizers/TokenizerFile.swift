/// Reads `tokenizer.json`, the format of Hugging Face tokenizers.
enum TokenizerFile {
  /// Reads the file at `path` with the settings of the other files in its folder.
  static func read(
    _ path: String, _ settings: TokenizerSettings
  ) throws -> Tokenizer.Pipeline {
    // The reference parses this file strictly, and the other files with Python's `json`.
    let file = try ConfigurationReader(
      contentsOfFile: path, kind: .tokenizer, role: .tokenizer, acceptsNonFinite: false)
    var settings = settings
    // Byte-level models such as Llama 3 name the class of Llama 2.
    if settings.tokenizerClass == .llama, file.hasByteLevel { settings.setClass(.generic) }
    return try pipeline(settings.applied(to: file), settings)
  }

  static func pipeline(
    _ file: ConfigurationReader, _ settings: TokenizerSettings? = nil
  ) throws(ModelError) -> Tokenizer.Pipeline {
    try file.checkSections()
    let normalizers = try file.optionalNested("normalizer").map(NormalizerReader.normalizers) ?? []
    let preTokenizer = try file.optionalNested("pre_tokenizer").map(PreTokenizerReader.init)
    let model = try TokenModelReader.model(
      file.nested("model"), endsInByteLevel: preTokenizer?.endsInByteLevel ?? false)
    let takesBytes = (model as? BytePairEncoding)?.takesBytes ?? false
    let added = try addedTokens(file, settings, vocabulary: model.vocabulary)
    let vocabulary = TokenVocabulary(model: model.vocabulary, added: added)
    let processor = try file.optionalNested("post_processor").map {
      reader throws(ModelError) in
      try PostProcessorReader.processor(reader, vocabulary: vocabulary)
    }
    return Tokenizer.Pipeline(
      normalizers: normalizers, preTokenizer: preTokenizer?.preTokenizer(forBytes: takesBytes),
      model: model, addedTokens: added, processor: processor ?? PostProcessor(template: .plain),
      decoder: try file.optionalNested("decoder").map(DecoderReader.decoder))
  }

  private static func addedTokens(
    _ file: ConfigurationReader, _ settings: TokenizerSettings?, vocabulary: ModelVocabulary
  ) throws(ModelError) -> [AddedToken] {
    let tokens = try AddedTokenReader.tokens(file)
    if let settings {
      return try settings.addedTokens(fileTokens: tokens, vocabulary: vocabulary)
    }
    var list = AddedTokenList(vocabulary: vocabulary, path: file.path)
    for token in tokens { try list.add(token) }
    return list.tokens
  }
}

extension ConfigurationReader {
  /// Whether the pre-tokenizer or the decoder is byte-level.
  fileprivate var hasByteLevel: Bool {
    ["pre_tokenizer", "decoder"].contains {
      object[$0]?.contains { $0["type"]?.string == "ByteLevel" } ?? false
    }
  }

  private static let sections = [
    "added_tokens", "decoder", "model", "normalizer", "padding", "post_processor", "pre_tokenizer",
    "truncation", "version",
  ]

  /// Checks the names of the sections, and the sections that are not used: Hugging Face tokenizers rejects
  /// files in which they are invalid.
  fileprivate func checkSections() throws(ModelError) {
    if let other = object.keys.first(where: { !Self.sections.contains($0) }) {
      throw failure(
        "unknown key \(printable(other)) (expected: \(Self.sections.joined(separator: ", ")))")
    }
    if let version = object["version"], version.string != "1.0" {
      throw mismatch("version", expected: "\"1.0\"", version)
    }
    let sizes = 0...Int(UInt32.max)
    if let truncation = try optionalNested("truncation") {
      _ = try truncation.integer("max_length", in: 0...Int.max)
      _ = try truncation.integer("stride", in: 0...Int.max)
      try truncation.checkName("strategy", in: ["LongestFirst", "OnlyFirst", "OnlySecond"])
      if truncation.object["direction"] != nil {
        try truncation.checkName("direction", in: ["Left", "Right"])
      }
    }
    if let padding = try optionalNested("padding") {
      if padding.value("strategy")?.object != nil {
        let strategy = try padding.nested("strategy")
        _ = try strategy.integer("Fixed", in: 0...Int.max)
        guard strategy.object.count == 1 else {
          throw padding.failure(
            "padding.strategy: expected Fixed, got \(strategy.object.count) keys")
        }
      } else {
        try padding.checkName("strategy", in: ["BatchLongest"])
      }
      try padding.checkName("direction", in: ["Left", "Right"])
      _ = try padding.optionalInteger("pad_to_multiple_of", in: 0...Int.max)
      _ = try padding.integer("pad_id", in: sizes)
      _ = try padding.integer("pad_type_id", in: sizes)
      _ = try padding.string("pad_token")
    }
  }

  private func checkName(_ key: String, in names: [String]) throws(ModelError) {
    let name = try string(key)
    guard names.contains(name) else {
      throw mismatch(key, expected: names.joined(separator: " or "), .string(name))
    }
  }
}
