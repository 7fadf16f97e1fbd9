import Attention

/// The words of a lesson, and their queries, keys and values.
struct LessonInput {
  /// X and the matrices that project it.
  struct Projections {
    /// X, `[word, feature]`.
    let embeddings: Tensor
    /// W_Q, `[feature, heads · dk]`.
    let query: Tensor
    /// W_K, `[feature, heads · dk]`.
    let key: Tensor
    /// W_V, `[feature, heads · dv]`.
    let value: Tensor
  }

  /// The largest number of words, so that a row of scores fits into a line.
  static let wordLimit = 12
  /// The largest number of features of a vector.
  static let featureLimit = 8

  let words: [String]
  /// How X becomes Q, K and V; nil if a file has Q, K and V.
  let projections: Projections?
  /// Q, `[word, heads · dk]`.
  let queries: Tensor
  /// K, `[word, heads · dk]`.
  let keys: Tensor
  /// V, `[word, heads · dv]`.
  let values: Tensor
  /// W_O, `[heads · dv, feature]`; nil for no output projection.
  let outputWeight: Tensor?
  /// The index of the word whose attention is shown in detail.
  let focus: Int

  /// Words with given queries, keys and values.
  init(words: [String], queries: Tensor, keys: Tensor, values: Tensor, outputWeight: Tensor?) {
    self.words = words
    projections = nil
    (self.queries, self.keys, self.values) = (queries, keys, values)
    self.outputWeight = outputWeight
    focus = Self.longest(of: words)
  }

  /// Words whose queries, keys and values are products: Q = X W_Q, K = X W_K, V = X W_V.
  init(
    words: [String], projections: Projections, outputWeight: Tensor?, focus: Int? = nil
  ) throws {
    let x = try projections.embeddings.matrix()
    self.words = words
    self.projections = projections
    queries = try matrixProduct(x, projections.query.matrix())
    keys = try matrixProduct(x, projections.key.matrix())
    values = try matrixProduct(x, projections.value.matrix())
    self.outputWeight = outputWeight
    self.focus = focus ?? Self.longest(of: words)
  }

  /// The first of the longest words: usually one with a meaning of its own.
  private static func longest(of words: [String]) -> Int {
    words.indices.reduce(0) { words[$1].count > words[$0].count ? $1 : $0 }
  }

  /// Throws a usage error unless the vectors can be split into heads.
  func check(headCount: Int) throws {
    for (name, tensor) in [("queries", queries), ("values", values)]
    where tensor.shape[1] % headCount != 0 {
      throw CLIError.Usage(
        "--heads: \(headCount) heads do not divide the \(counted(tensor.shape[1], "feature")) of the "
          + name)
    }
  }
}
