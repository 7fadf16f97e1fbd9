import AttentionCore

/// Builds the tokenizer of a folder with `vocab.json` and `merges.txt`, as models before `tokenizer.json`
/// have them.
///
/// - Source: `GPT2Tokenizer`, `RobertaTokenizer`, `Qwen2Tokenizer` and `CLIPTokenizer` of transformers 5.
enum BytePairFiles {
  /// The classes whose files these are.
  private static let classes: [TokenizerClass] = [.clip, .gpt2, .qwen2, .roberta]

  /// - Throws: `ModelError.unsupported` for a class that has other files; `ModelError.tokenizer` for a
  ///   file that is malformed, and for a merge of tokens that the vocabulary lacks.
  static func read(
    _ directory: ModelDirectory, _ settings: TokenizerSettings
  ) throws -> Tokenizer.Pipeline {
    let tokenizerClass = settings.tokenizerClass
    guard classes.contains(tokenizerClass) else {
      throw settings.unsupportedClass(for: "vocab.json and merges.txt", supported: classes)
    }
    let path = try directory.file("vocab.json")
    let vocabulary = try TokenModelReader.vocabulary(
      ConfigurationReader(contentsOfFile: path, role: .tokenizer))
    var options = BytePairEncoding.Options()
    if tokenizerClass == .clip {
      options.wordSuffix = "</w>"
      options.unknownToken = settings.token("unk_token")?.content
    }
    options.takesBytes = BytePairEncoding.hasAllBytes(vocabulary, options)
    let mergesPath = try directory.file("merges.txt")
    let model = try BytePairEncoding(
      vocabulary: vocabulary, pairs: merges(mergesPath), options: options, path: mergesPath)
    let added = try settings.addedTokens(vocabulary: vocabulary)
    let processor = try tokenizerClass.processor(
      settings, vocabulary: TokenVocabulary(model: vocabulary, added: added))
    return try tokenizerClass.sections(settings).pipeline(
      model: model, addedTokens: added, processor: processor, path: path)
  }

  /// The merges, one a line: two tokens with a space between. Empty lines and those that begin with
  /// `#version` are skipped.
  private static func merges(_ path: String) throws -> [(String, String)] {
    let bytes = try InputFile.contents(ofFile: path, limit: ConfigurationReader.fileSizeLimit)
    var merges: [(String, String)] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if line.isEmpty || line.starts(with: "#version".utf8) { continue }
      let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      guard parts.count == 2, !parts.contains(where: \.isEmpty),
        let left = String(validating: parts[0], as: UTF8.self),
        let right = String(validating: parts[1], as: UTF8.self)
      else {
        throw ModelError.tokenizer(
          path: path, reason: "line \(number + 1): expected a merge of two tokens in UTF-8")
      }
      merges.append((left, right))
    }
    return merges
  }
}

extension TokenizerSettings {
  /// The error for a class whose tokenizer cannot be made of the files in the folder.
  func unsupportedClass(for files: String, supported: [TokenizerClass]) -> ModelError {
    let name = unknownClass ?? (tokenizerClass == .generic ? nil : tokenizerClass.rawValue)
    return .unsupported(
      path: file.path,
      what: "tokenizer_class \(name.map { printable($0) } ?? "(none is named)") for \(files) "
        + "without tokenizer.json",
      supported: supported.map(\.rawValue))
  }
}
