/// A normalized text and its words. No token crosses the border of a word.
struct PreTokenizedText {
  var text: NormalizedText
  /// The words as nonempty ranges of bytes of `text`, in order.
  var pieces: [Range<Int>]

  /// Splits each piece: `body` gets the bytes, the range of the piece, and a function to call with the
  /// range of each part, which must not be empty.
  mutating func cut(_ body: (Span<UInt8>, Range<Int>, (Range<Int>) -> Void) -> Void) {
    var result: [Range<Int>] = []
    result.reserveCapacity(pieces.reduce(0) { $0 + $1.count } / 5 + 4)
    var cancellation = CancellationSteps()
    for piece in pieces {
      if cancellation.isRequested() { break }
      body(text.bytes.span, piece) { result.append($0) }
    }
    pieces = result
  }

  /// Rewrites each piece: `body` gets the text and the range of the piece, and appends the result to its
  /// last argument.
  mutating func rewrite(_ body: (NormalizedText, Range<Int>, inout NormalizedText) -> Void) {
    var result = NormalizedText()
    result.reserveCapacity(text.bytes.count + pieces.count * 4)
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(pieces.count)
    var cancellation = CancellationSteps()
    for piece in pieces {
      if cancellation.isRequested() { break }
      let start = result.bytes.count
      body(text, piece, &result)
      if result.bytes.count > start { ranges.append(start..<result.bytes.count) }
    }
    text = result
    pieces = ranges
  }
}

/// A step that splits a normalized text into words, and may rewrite them.
protocol PreTokenizer: Sendable {
  func split(_ words: inout PreTokenizedText)
}

/// Several steps; each one splits the pieces of the previous step.
struct PreTokenizerSequence: PreTokenizer {
  let steps: [any PreTokenizer]

  func split(_ words: inout PreTokenizedText) {
    for step in steps { step.split(&words) }
  }
}
