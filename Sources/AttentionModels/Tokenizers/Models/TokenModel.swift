/// A token that a model found: its number, and the bytes of the normalized text that it covers.
struct ModelToken {
  var id: Int32
  var range: Range<Int>
}

/// What turns one word into tokens.
protocol TokenModel: Sendable {
  var vocabulary: ModelVocabulary { get }

  /// Appends the tokens of the word that stands at `word` in `bytes`.
  func tokenize(_ bytes: [UInt8], word: Range<Int>, into tokens: inout [ModelToken])
}
