/// A token with the range of bytes that it covers in the normalized text.
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

/// The step that converts words to tokens: BPE, WordPiece or Unigram.
protocol TokenModel: Sendable {
  var vocabulary: ModelVocabulary { get }

  /// The memory of the model's tables in bytes.
  var byteCount: Int { get }

  /// The id of the unknown token, if `Encoding.tokens` shows the unknown text instead of the
  /// unknown token; nil if it shows the token.
  var surfaceID: Int32? { get }

  /// Whether pieces within a word have a prefix, such as "##".
  var marksContinuingPieces: Bool { get }

  /// Appends the tokens of the words at the ranges `words` of `bytes`, in order.
  func tokenize(_ bytes: [UInt8], words: [Range<Int>], into tokens: inout [ModelToken])
}

extension TokenModel {
  var byteCount: Int { vocabulary.byteCount }

  var surfaceID: Int32? { nil }

  var marksContinuingPieces: Bool { false }
}
