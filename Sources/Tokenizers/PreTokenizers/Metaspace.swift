/// Replaces spaces by "▁", prepends "▁" to the text, and splits before each "▁".
///
/// - Source: Kudo and Richardson 2018, SentencePiece.
struct Metaspace: PreTokenizer {
  /// Which pieces without a leading "▁" get one.
  enum Prepending: String, Sendable, CaseIterable {
    case always
    /// Only the piece at the start of the text, not the pieces after added tokens.
    case first
    case never
  }

  /// UTF-8 of the scalar that replaces spaces, usually "▁".
  let replacement: [UInt8]
  let prepending: Prepending
  let splits: Bool

  func split(_ words: inout PreTokenizedText) {
    words.rewrite { text, piece, result in
      let start = result.bytes.count
      append(text, piece, to: &result)
      if needsPrefix(result, start, origin: text.origins[piece.lowerBound]) {
        result.bytes.insert(contentsOf: replacement, at: start)
        result.origins.insert(
          contentsOf: repeatElement(text.origins[piece.lowerBound], count: replacement.count),
          at: start)
      }
    }
    if splits { PatternSplitter(.literal(replacement), .mergedWithNext).split(&words) }
  }

  private func append(_ text: NormalizedText, _ piece: Range<Int>, to result: inout NormalizedText)
  {
    var cancellation = CancellationSteps()
    for index in piece {
      if cancellation.isRequested() { break }
      if text.bytes[index] == 0x20 {
        for byte in replacement { result.append(byte, origin: text.origins[index]) }
      } else {
        result.append(text.bytes[index], origin: text.origins[index])
      }
    }
  }

  private func needsPrefix(_ result: NormalizedText, _ start: Int, origin: Int32) -> Bool {
    switch prepending {
    case .never: return false
    case .first where origin != 0: return false
    default: return !result.bytes[start...].starts(with: replacement)
    }
  }
}
