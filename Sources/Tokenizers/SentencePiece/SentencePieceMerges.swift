/// Derives merges from the pieces of a SentencePiece model, which does not store merges.
///
/// Each split of a piece into two pieces is a merge.
///
/// - Source: `generate_merges` of transformers 5.
struct SentencePieceMerges {
  let vocabulary: ModelVocabulary
  let path: String
  /// Whether the token at an index may be a part of a merge.
  let isPart: (Int) -> Bool

  /// All splits of the tokens at the indices `tokens`, in this order, by ascending length of the left part.
  ///
  /// - Throws: `ModelError.tokenizer` for too many merges.
  func merges(of tokens: some Sequence<Int>) throws(ModelError) -> MergeBuilder {
    var count = 0
    for token in tokens { forEachSplit(of: token) { _, _, _ in count += 1 } }
    var merges = try MergeBuilder(vocabulary: vocabulary, capacity: count, path: path)
    let bytes = vocabulary.tokens.bytes.span
    for token in tokens {
      if merges.isCancelled() { break }
      let range = vocabulary.tokens[token]
      let id = vocabulary.id(at: token)
      forEachSplit(of: token) { left, right, place in
        merges.add(
          bytes.extracting(range.lowerBound..<place), bytes.extracting(place..<range.upperBound),
          ids: (vocabulary.id(at: left), vocabulary.id(at: right), id))
      }
    }
    return merges
  }

  /// Calls `body` with the indices of both parts and the start of the right part.
  private func forEachSplit(
    of token: Int, _ body: (_ left: Int, _ right: Int, _ place: Int) -> Void
  ) {
    let bytes = vocabulary.tokens.bytes.span
    let range = vocabulary.tokens[token]
    vocabulary.forEachMatch(in: bytes, from: range.lowerBound, to: range.upperBound) {
      left, place in
      guard place < range.upperBound, isPart(left),
        let right = vocabulary.index(of: bytes.extracting(place..<range.upperBound)), isPart(right)
      else { return }
      body(left, right, place)
    }
  }
}
