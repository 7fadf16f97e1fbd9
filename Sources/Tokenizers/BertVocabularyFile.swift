import AttentionCore

/// Builds BERT's tokenizer from `vocab.txt`, the format before `tokenizer.json`: one token per line.
///
/// - Source: `BertTokenizer` of transformers 5.
enum BertVocabularyFile {
  /// Reads the folder's `vocab.txt`.
  ///
  /// - Throws: `ModelError.tokenizer` if the file is not UTF-8 or lacks the unknown token;
  ///   `AttentionError.file` if it cannot be read.
  static func read(
    _ directory: ModelDirectory, _ settings: TokenizerSettings
  ) throws -> Tokenizer.Pipeline {
    var settings = settings
    if settings.tokenizerClass != .bert { settings.setClass(.bert) }
    let path = try directory.file("vocab.txt")
    let vocabulary = try ModelVocabulary(entries(path), path: path)
    let model = try WordPiece(
      vocabulary: vocabulary, unknownToken: settings.token("unk_token")?.content ?? "[UNK]",
      continuingPrefix: "##", maxWordLength: 100, path: path)
    let added = try settings.addedTokens(vocabulary: vocabulary)
    let processor = try TokenizerClass.bert.processor(
      settings, vocabulary: TokenVocabulary(model: vocabulary, added: added))
    return try TokenizerClass.bert.sections(settings).pipeline(
      model: model, addedTokens: added, processor: processor, path: path)
  }

  /// The token of each line; its id is the line number, from 0. A duplicate token keeps its last id.
  private static func entries(_ path: String) throws -> [(token: String, id: Int32)] {
    let bytes = try InputFile.contents(ofFile: path, kind: .vocabulary)
    var lines = bytes.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    guard lines.count < ModelVocabulary.idLimit else {
      throw ModelError.tokenizer(
        path: path,
        reason: "\(lines.count) lines, expected fewer than \(ModelVocabulary.idLimit)")
    }
    // Keys are bytes because `String` treats canonically equivalent tokens as equal.
    var indices: [ArraySlice<UInt8>: Int] = [:]
    var result: [(token: String, id: Int32)] = []
    for (number, line) in lines.enumerated() {
      guard let text = String(validating: line, as: UTF8.self) else {
        throw ModelError.tokenizer(path: path, reason: "line \(number + 1) is not UTF-8")
      }
      let length = trimmedLength(text)
      let entry = (token: String(decoding: line.prefix(length), as: UTF8.self), id: Int32(number))
      if let index = indices[line.prefix(length)] {
        result[index] = entry
      } else {
        indices[line.prefix(length)] = result.count
        result.append(entry)
      }
    }
    return result
  }

  /// The number of bytes in `line` without trailing white space.
  private static func trimmedLength(_ line: String) -> Int {
    let scalars = line.unicodeScalars
    let trailing = scalars.reversed().prefix {
      UnicodeData.shared[$0.value].properties.contains(.whitespace)
    }
    return line.utf8.count - trailing.reduce(0) { $0 + UTF8.width($1) }
  }
}
