import AttentionCore

/// A part of a text that a model reads at once, perhaps after another text.
package struct TextWindow: Sendable {
  /// The tokens of the window and, before them, of the other text.
  package let encoding: Encoding
  /// The positions of the text's tokens in `encoding`.
  package let tokens: Range<Int>
}

extension Tokenizer {
  /// Tokenizes a text in overlapping windows.
  ///
  /// Each window begins w − `overlap` tokens after the previous one, for windows of w tokens of the text.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - first: the text before it, such as a question, which each window repeats; nil for none.
  ///   - maxLength: the largest number of tokens of a window, special tokens and `first` included.
  ///   - overlap: the number of the text's tokens that two windows share; less than a window's.
  /// - Returns: at least one window.
  /// - Throws: `ModelError.text` naming "question" if `first` leaves no room for the text;
  ///   `AttentionError.argument` naming "maxLength" if special tokens leave none; as `encode`.
  /// - Source: `return_overflowing_tokens` and `stride` of the tokenizers library.
  package func windows(
    of text: String, after first: String? = nil, maxLength: Int, overlap: Int
  ) throws -> [TextWindow] {
    let before = try first.map { [try tokens(of: $0, named: "question")] } ?? []
    let sequence = try tokens(of: text, named: first == nil ? "text" : "context")
    let reserved = pipeline.processor.template.specialTokenCount(isPair: first != nil)
    let beforeCount = before.reduce(0) { $0 + $1.ids.count }
    let room = maxLength - reserved - beforeCount
    guard room >= 1 else {
      guard beforeCount > 0, maxLength > reserved else {
        throw AttentionError.argument(
          "maxLength",
          reason:
            "expected at least \(reserved + 1), one more than the special tokens; got \(maxLength)")
      }
      throw ModelError.text(
        "question",
        reason:
          "\(beforeCount) tokens and \(reserved) special tokens leave no room for the context: "
          + "the limit is \(maxLength)")
    }
    let step = room - min(max(overlap, 0), room - 1)
    let windowCount = max(sequence.ids.count - room, 0) / step + 1
    try requireMemory(
      byteCount: windowCount * min(maxLength, reserved + beforeCount + sequence.ids.count)
        * Self.bytesOfToken, purpose: "\(windowCount) windows of a text")
    var windows: [TextWindow] = []
    var start = 0
    repeat {
      try Cancellation.check()
      let end = min(start + room, sequence.ids.count)
      let encoding = try encode(
        before + [sequence.tokens(start..<end)], addingSpecialTokens: true, maxLength: nil)
      // The tokens of the texts, in order: those of `first`, then those of the window.
      let found = encoding.isSpecial.indices.lazy.filter { !encoding.isSpecial[$0] }
        .dropFirst(beforeCount)
      let lower = found.first ?? 0
      windows.append(TextWindow(encoding: encoding, tokens: lower..<lower + end - start))
      if end == sequence.ids.count { break }
      start += step
    } while true
    return windows
  }

  /// The memory of a token in an encoding.
  private static let bytesOfToken = 40

  /// Tokenizes two texts as one input, of which only the first is cut if both are too long.
  ///
  /// - Throws: `ModelError.text` naming "pair" if it leaves no room; as `encode`.
  /// - Source: the strategy "only first" of the tokenizers library.
  package func encode(
    cutting text: String, pair: String, maxLength: Int
  ) throws -> Encoding {
    let first = try tokens(of: text, named: "text")
    let second = try tokens(of: pair, named: "pair")
    let reserved = pipeline.processor.template.specialTokenCount(isPair: true)
    let room = maxLength - reserved - second.ids.count
    guard room >= min(1, first.ids.count) else {
      throw ModelError.text(
        "pair",
        reason:
          "\(second.ids.count) tokens and \(reserved) special tokens leave no room for the text: "
          + "the limit is \(maxLength)")
    }
    let kept = first.tokens(0..<min(room, first.ids.count))
    return try encode([kept, second], addingSpecialTokens: true, maxLength: nil)
  }
}
