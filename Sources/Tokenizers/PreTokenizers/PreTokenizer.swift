/// A normalized text and the words into which it is cut; models never join what has been cut.
struct PreTokenizedText {
  var text: NormalizedText
  /// Ranges of bytes of `text`, in its order and not empty.
  var pieces: [Range<Int>]

  /// Cuts every piece by itself: `body` hands the parts, which must not be empty, to its last
  /// argument.
  mutating func cut(_ body: (Span<UInt8>, Range<Int>, (Range<Int>) -> Void) -> Void) {
    var result: [Range<Int>] = []
    result.reserveCapacity(pieces.reduce(0) { $0 + $1.count } / 5 + 4)
    for piece in pieces { body(text.bytes.span, piece) { result.append($0) } }
    pieces = result
  }

  /// Rewrites every piece by itself: `body` appends what becomes of it to its last argument.
  mutating func rewrite(_ body: (NormalizedText, Range<Int>, inout NormalizedText) -> Void) {
    var result = NormalizedText()
    result.reserveCapacity(text.bytes.count + pieces.count * 4)
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(pieces.count)
    for piece in pieces {
      let start = result.bytes.count
      body(text, piece, &result)
      if result.bytes.count > start { ranges.append(start..<result.bytes.count) }
    }
    text = result
    pieces = ranges
  }
}

/// One step that cuts a normalized text into words, and may rewrite it on the way.
protocol PreTokenizer: Sendable {
  func split(_ words: inout PreTokenizedText)
}

/// Several steps, each cutting what the one before it left.
struct PreTokenizerSequence: PreTokenizer {
  let steps: [any PreTokenizer]

  func split(_ words: inout PreTokenizedText) {
    for step in steps { step.split(&words) }
  }
}
