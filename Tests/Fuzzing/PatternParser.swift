import AttentionCore
import Tokenizers

/// Splits a text at the matches of a pattern, with the pre-tokenizer `Split` of a `tokenizer.json`.
struct PatternParser: FuzzedParser {
  let folder: FuzzFolder

  private static let behaviors = [
    "Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous",
  ]

  func parse(_ bytes: [UInt8]) throws -> String {
    let choice = Int(bytes.first ?? 0x30) &- 0x30
    let behavior = Self.behaviors[(choice & 0xFF) % 5]
    let isInverted = (choice & 0xFF) / 5 % 2 == 1
    let rest = bytes.dropFirst()
    let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
    let pattern = String(decoding: rest[..<end], as: UTF8.self)
    let text = String(decoding: rest[end...].dropFirst(), as: UTF8.self)
    try folder.write(Array(Self.file(pattern, behavior, isInverted).utf8), to: "tokenizer.json")
    let pieces = try Tokenizer(folder.directory).encode(text).offsets
    try check(pieces, text, isComplete: behavior != "Removed")
    return JSONText.array(pieces.map { "[\($0.lowerBound), \($0.upperBound)]" })
  }

  /// A tokenizer for which every piece is an unknown word.
  private static func file(_ pattern: String, _ behavior: String, _ isInverted: Bool) -> String {
    #"{"version":"1.0","added_tokens":[],"pre_tokenizer":{"type":"Split","pattern":{"Regex":"#
      + "\(JSONText.string(pattern))},\"behavior\":\"\(behavior)\",\"invert\":\(isInverted)},"
      + ###""model":{"type":"WordPiece","unk_token":"?","continuing_subword_prefix":"##","###
      + #""max_input_chars_per_word":100,"vocab":{"?":0}}}"#
  }

  /// Checks that the pieces are in order and, if `isComplete`, that they are the whole text.
  private func check(
    _ pieces: [Range<Int>], _ text: String, isComplete: Bool
  ) throws(FuzzViolation) {
    let count = text.unicodeScalars.count
    var end = 0
    for piece in pieces {
      try FuzzViolation.unless(
        !piece.isEmpty && piece.lowerBound >= end, "piece \(piece) after \(end)")
      try FuzzViolation.unless(!isComplete || piece.lowerBound == end, "no piece from \(end)")
      end = piece.upperBound
    }
    try FuzzViolation.unless(
      end <= count && (!isComplete || end == count), "\(end) of \(count) scalars")
  }
}
