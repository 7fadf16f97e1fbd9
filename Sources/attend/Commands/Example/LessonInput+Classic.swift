import Attention

extension LessonInput {
  /// The sentence of the lesson without a sentence.
  static let classicSentence = "The cat sat on the mat."

  /// The classic sentence, with numbers that are small enough to check by hand.
  ///
  /// The embeddings of "The" and "cat" are the first and the second unit vector, so their queries, keys and
  /// values are rows of the matrices: the key of "The" is the first row of W_K.
  ///
  /// - Parameter hasOutputWeight: whether the heads are combined by W_O.
  static func theCat(hasOutputWeight: Bool) throws -> LessonInput {
    try LessonInput(
      words: catWords,
      projections: Projections(
        embeddings: Tensor(rows: [
          [1, 0], [0, 1], [0.6, 0.8], [0.8, 0.2], [1, 0], [0.1, 0.9], [0.3, 0.3],
        ]),
        query: Tensor(rows: [[0.1, 0.3], [0.2, 0.1]]),
        key: Tensor(rows: [[0.3, 0.4], [0.7, 0.2]]),
        value: Tensor(rows: [[0.5, 0.6], [0.1, 0.9]])),
      outputWeight: hasOutputWeight ? Tensor(rows: [[1, 0.2], [0.3, 1]]) : nil, focus: 1)
  }

  /// The same sentence with larger numbers: the query of "cat" matches the keys of "sat" and "mat".
  ///
  /// The features of a word are: being, action, place. W_Q lets a being look for actions and places; the
  /// keys and the values of actions and places are unit vectors.
  static func sharpCat() throws -> LessonInput {
    try LessonInput(
      words: catWords,
      projections: Projections(
        embeddings: Tensor(rows: [
          [0.1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0.2, 0.3], [0.1, 0, 0], [0, 0, 1], [0, 0, 0],
        ]),
        query: Tensor(rows: [[6, 5], [0, 1], [1, 0]]),
        key: Tensor(rows: [[0, 0], [1, 0], [0, 1]]),
        value: Tensor(rows: [[0, 0], [1, 0], [0, 1]])),
      outputWeight: nil, focus: 1)
  }

  private static let catWords = ["The", "cat", "sat", "on", "the", "mat", "."]
}
