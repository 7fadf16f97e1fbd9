/// Reads a `tokenizer.json` as the tokenizers library of Hugging Face writes it.
enum TokenizerFile {
  static func read(_ path: String) throws -> Tokenizer.Pipeline {
    try pipeline(ConfigurationReader(contentsOfFile: path, role: .tokenizer))
  }

  static func pipeline(_ file: ConfigurationReader) throws(ModelError) -> Tokenizer.Pipeline {
    let normalizers = try file.optionalNested("normalizer").map(NormalizerReader.normalizers) ?? []
    let preTokenizer = try file.optionalNested("pre_tokenizer").map(PreTokenizerReader.init)
    let model = try TokenModelReader.model(
      file.nested("model"), endsInByteLevel: preTokenizer?.endsInByteLevel ?? false)
    let takesBytes = (model as? BytePairEncoding)?.takesBytes ?? false
    let added = try AddedTokenReader.tokens(file, vocabulary: model.vocabulary)
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
