import AttentionCore

/// Builds a byte-level BPE tokenizer from `vocab.json` and `merges.txt`, the format before
/// `tokenizer.json`.
///
/// - Source: `GPT2Tokenizer`, `RobertaTokenizer`, `Qwen2Tokenizer` and `CLIPTokenizer` of transformers 5.
enum BytePairFiles {
  /// The classes that use these files.
  private static let classes: [TokenizerClass] = [.clip, .gpt2, .qwen2, .roberta]

  /// - Throws: `ModelError.unsupported` if the class uses other files; `ModelError.tokenizer` for a
  ///   malformed file or a merge with a token that the vocabulary lacks.
  static func read(
    _ directory: ModelDirectory, _ settings: TokenizerSettings
  ) throws -> Tokenizer.Pipeline {
    let tokenizerClass = settings.tokenizerClass
    guard classes.contains(tokenizerClass) else {
      throw settings.unsupportedClass(for: "vocab.json and merges.txt", supported: classes)
    }
    let path = try directory.file("vocab.json")
    let vocabulary = try TokenModelReader.vocabulary(
      ConfigurationReader(contentsOfFile: path, kind: .vocabulary, role: .tokenizer))
    var options = BytePairEncoding.Options()
    if tokenizerClass == .clip {
      options.wordSuffix = "</w>"
      options.unknownToken = settings.token("unk_token")?.content
    }
    options.takesBytes = BytePairEncoding.hasAllBytes(vocabulary, options)
    let mergesPath = try directory.file("merges.txt")
    let model = try BytePairEncoding(
      vocabulary: vocabulary, merges: merges(mergesPath, vocabulary), options: options,
      path: mergesPath)
    let added = try settings.addedTokens(vocabulary: vocabulary)
    let processor = try tokenizerClass.processor(
      settings, vocabulary: TokenVocabulary(model: vocabulary, added: added))
    return try tokenizerClass.sections(settings).pipeline(
      model: model, addedTokens: added, processor: processor, path: path)
  }

  /// Reads the merges, one per line: two tokens separated by a space. Empty lines and lines that start
  /// with `#version` are skipped.
  private static func merges(
    _ path: String, _ vocabulary: ModelVocabulary
  ) throws -> MergeBuilder {
    let bytes = try InputFile.contents(ofFile: path, kind: .merges)
    let newline = UInt8(ascii: "\n")
    let lineCount = bytes.reduce(1) { $0 + ($1 == newline ? 1 : 0) }
    var merges = try MergeBuilder(vocabulary: vocabulary, capacity: lineCount, path: path)
    var number = 0
    var start = 0
    while start <= bytes.count {
      if merges.isCancelled() { break }
      number += 1
      let end = bytes[start...].firstIndex(of: newline) ?? bytes.count
      var line = bytes[start..<end]
      start = end + 1
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      if line.isEmpty || line.starts(with: "#version".utf8) { continue }
      let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      guard parts.count == 2, !parts.contains(where: \.isEmpty),
        parts.allSatisfy({ String(validating: $0, as: UTF8.self) != nil })
      else {
        throw ModelError.tokenizer(
          path: path,
          reason: "line \(number): expected two tokens in UTF-8, separated by a space")
      }
      let text = bytes.span
      try merges.add(text.extracting(parts[0].indices), text.extracting(parts[1].indices))
    }
    return merges
  }
}

extension TokenizerSettings {
  /// The error for a class whose tokenizer cannot be built from the files in the folder.
  func unsupportedClass(for files: String, supported: [TokenizerClass]) -> ModelError {
    let name = unknownClass ?? (tokenizerClass == .generic ? nil : tokenizerClass.rawValue)
    return .unsupported(
      path: file.path,
      what: "tokenizer_class \(name.map { printable($0) } ?? "(not set)") for \(files) "
        + "without tokenizer.json",
      supported: supported.map(\.rawValue))
  }
}
