/// A token that a model found: its number, and the bytes of the normalized text that it covers.
struct ModelToken {
  var id: Int32
  var start: Int32
  var end: Int32

  init(id: Int32, range: Range<Int>) {
    self.id = id
    start = Int32(truncatingIfNeeded: range.lowerBound)
    end = Int32(truncatingIfNeeded: range.upperBound)
  }

  var range: Range<Int> { Int(start)..<Int(end) }
}

/// What turns words into tokens.
protocol TokenModel: Sendable {
  var vocabulary: ModelVocabulary { get }

  /// The token that reads as the text that it stands for; nil where unknown text reads as the
  /// vocabulary has it.
  var surfaceID: Int32? { get }

  /// Appends the tokens of the words that stand at `words` in `bytes`, in their order.
  func tokenize(_ bytes: [UInt8], words: [Range<Int>], into tokens: inout [ModelToken])
}

extension TokenModel {
  var surfaceID: Int32? { nil }
}
