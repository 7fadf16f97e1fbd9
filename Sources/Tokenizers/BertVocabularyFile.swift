import AttentionCore

/// Builds the tokenizer of BERT or MPNet from `vocab.txt`, the format before `tokenizer.json`: one token per line.
///
/// - Source: `BertTokenizer` and `MPNetTokenizer` of transformers 5.
enum BertVocabularyFile {
  /// Reads the folder's `vocab.txt`.
  ///
  /// - Throws: `ModelError.tokenizer` if the file is not UTF-8 or lacks the unknown token;
  ///   `AttentionError.file` if it cannot be read.
  static func read(
    _ directory: ModelDirectory, _ settings: TokenizerSettings
  ) throws -> Tokenizer.Pipeline {
    var settings = settings
    if settings.tokenizerClass != .mpnet { settings.setClass(.bert) }
    let path = try directory.file("vocab.txt")
    let vocabulary = try vocabulary(path)
    let model = try WordPiece(
      vocabulary: vocabulary, unknownToken: settings.token("unk_token")?.content ?? "[UNK]",
      continuingPrefix: "##", maxWordLength: 100, path: path)
    let added = try settings.addedTokens(vocabulary: vocabulary)
    let processor = try settings.tokenizerClass.processor(
      settings, vocabulary: TokenVocabulary(model: vocabulary, added: added))
    return try settings.tokenizerClass.sections(settings).pipeline(
      model: model, addedTokens: added, processor: processor, path: path)
  }

  /// The token of each line; its id is the line number, from 0. A duplicate token keeps its last id.
  private static func vocabulary(_ path: String) throws -> ModelVocabulary {
    var text = try InputFile.contents(ofFile: path, kind: .vocabulary)
    let tokens = try lines(&text, path)
    let vocabulary = try ModelVocabulary(tokens, path: path)
    let lastEmpty = tokens.lastEmptyIndex
    guard vocabulary.differentCount + (lastEmpty == nil ? 0 : 1) < vocabulary.count else {
      return vocabulary
    }
    var kept = ByteStrings()
    var ids: [Int32] = []
    for index in 0..<tokens.count {
      let token = tokens.bytes.span.extracting(tokens[index])
      guard vocabulary.index(of: token) ?? lastEmpty == index else { continue }
      kept.append(token)
      ids.append(Int32(index))
    }
    return try ModelVocabulary(kept, ids: ids, path: path)
  }

  /// The lines of a text without trailing white space. The buffer of the text becomes that of the lines: see
  /// `ByteStrings`.
  private static func lines(_ text: inout [UInt8], _ path: String) throws -> ByteStrings {
    let newline = UInt8(ascii: "\n")
    var count = text.reduce(0) { $0 + ($1 == newline ? 1 : 0) }
    if let last = text.last, last != newline { count += 1 }
    guard count < ModelVocabulary.idLimit else {
      throw ModelError.tokenizer(
        path: path,
        reason: "\(count) lines, expected fewer than \(ModelVocabulary.idLimit)")
    }
    var lines: [Range<UInt32>] = []
    lines.reserveCapacity(count)
    var start = 0
    while lines.count < count {
      let end = text[start...].firstIndex(of: newline) ?? text.count
      guard let line = String(validating: text[start..<end], as: UTF8.self) else {
        throw ModelError.tokenizer(path: path, reason: "line \(lines.count + 1) is not UTF-8")
      }
      lines.append(UInt32(start)..<UInt32(start + trimmedLength(line)))
      start = end + 1
    }
    return ByteStrings(movingFrom: &text, parts: lines)
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
