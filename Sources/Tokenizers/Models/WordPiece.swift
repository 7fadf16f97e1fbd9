/// WordPiece: splits a word from left to right, each time taking the longest token that matches.
///
/// A word that cannot be split completely, or that has more than `maxWordLength` scalars, becomes one
/// unknown token.
///
/// - Source: Wu et al. 2016, Google's Neural Machine Translation System; greedy matching as in BERT.
struct WordPiece: TokenModel {
  let vocabulary: ModelVocabulary
  private let unknownID: Int32
  private let maxWordLength: Int
  /// Where the search for tokens that continue a word starts: after their prefix.
  private let continuation: ByteTrie.Place
  let marksContinuingPieces: Bool

  /// - Throws: `ModelError.tokenizer` if the vocabulary lacks the unknown token.
  init(
    vocabulary: ModelVocabulary, unknownToken: String, continuingPrefix: String,
    maxWordLength: Int, path: String
  ) throws(ModelError) {
    guard let unknownID = vocabulary.id(of: unknownToken) else {
      throw .tokenizer(
        path: path,
        reason:
          "the unknown token \(quoted(unknownToken)) is missing from the vocabulary")
    }
    self.vocabulary = vocabulary
    self.unknownID = unknownID
    self.maxWordLength = maxWordLength
    continuation = vocabulary.place(after: continuingPrefix.utf8)
    marksContinuingPieces = !continuingPrefix.isEmpty
  }

  func tokenize(_ bytes: [UInt8], words: [Range<Int>], into tokens: inout [ModelToken]) {
    let text = bytes.span
    var cancellation = CancellationSteps()
    for word in words {
      if cancellation.isRequested() { break }
      let first = tokens.count
      var start = word.lowerBound
      if !isTooLong(bytes, word) {
        var match = vocabulary.longestMatch(
          in: text, from: start, to: word.upperBound, after: vocabulary.root)
        while match.id != ModelVocabulary.none {
          tokens.append(ModelToken(id: match.id, range: start..<match.end))
          start = match.end
          if start == word.upperBound { break }
          match = vocabulary.longestMatch(
            in: text, from: start, to: word.upperBound, after: continuation)
        }
      }
      if start != word.upperBound {
        tokens.removeSubrange(first...)
        tokens.append(ModelToken(id: unknownID, range: word))
      }
    }
  }

  @inline(__always)
  private func isTooLong(_ bytes: [UInt8], _ word: Range<Int>) -> Bool {
    guard word.count > maxWordLength else { return false }
    var count = 0
    for index in word where bytes[index] & 0xC0 != 0x80 {
      count += 1
      if count > maxWordLength { return true }
    }
    return false
  }
}
