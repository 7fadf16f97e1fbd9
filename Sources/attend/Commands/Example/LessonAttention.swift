import Attention

/// How a lesson computes attention.
struct LessonOptions {
  var headCount = 1
  /// Whether a word attends only to itself and to earlier words.
  var isCausal = false
  /// Whether the scores are multiplied by 1/√dk.
  var isScaled = true

  /// The operator's scale: nil means 1/√dk.
  var scale: Float? { isScaled ? nil : 1 }
  var mask: AttentionMask { isCausal ? .causal : .none }
}

/// Attention of one head, one step at a time.
struct LessonHead {
  /// Q, `[word, dk]`.
  let queries: MatrixView
  /// K, `[word, dk]`.
  let keys: MatrixView
  /// V, `[word, dv]`.
  let values: MatrixView
  /// QKᵀ, `[query, key]`.
  let products: Tensor
  /// The argument of the softmax: QKᵀ, scaled, with −∞ where the mask hides, `[query, key]`.
  let scores: Tensor
  /// softmax(scores), `[query, key]`.
  let weights: Tensor
  /// weights · V, `[word, dv]`.
  let output: Tensor

  init(
    queries: MatrixView, keys: MatrixView, values: MatrixView, options: LessonOptions
  ) throws {
    (self.queries, self.keys, self.values) = (queries, keys, values)
    products = try attentionScores(queries: queries, keys: keys, scale: 1)
    var scores = try attentionScores(queries: queries, keys: keys, scale: options.scale)
    if options.isCausal {
      let count = keys.rowCount
      try scores.withMutableSpan { span in
        for query in 0..<queries.rowCount {
          for key in query + 1..<max(count, query + 1) { span[query * count + key] = -.infinity }
        }
      }
    }
    self.scores = scores
    weights = try softmax(scores)
    output = try weightedSum(of: values, weights: weights)
  }
}

/// Attention of all heads of a lesson.
struct LessonAttention {
  let input: LessonInput
  let options: LessonOptions
  let heads: [LessonHead]
  /// The outputs of the heads, one beside the other: `[word, heads · dv]`.
  let concatenated: Tensor
  /// The concatenated outputs times W_O, `[word, feature]`; nil without W_O.
  let projected: Tensor?

  init(_ input: LessonInput, _ options: LessonOptions) throws {
    self.input = input
    self.options = options
    let (q, k, v) = try Self.split(input, headCount: options.headCount)
    let heads = try (0..<options.headCount).map { head in
      try LessonHead(
        queries: q.head(head), keys: k.head(head), values: v.head(head), options: options)
    }
    self.heads = heads
    concatenated = try Tensor(
      rows: input.words.indices.map { word in heads.flatMap { $0.output.row(word) } })
    projected = try Self.projected(concatenated, input)
  }

  /// The output of the last step, `[word, feature]`.
  var output: Tensor { projected ?? concatenated }

  /// The same output in one call of the operator.
  func outputAtOnce(on backend: Backend) throws -> Tensor {
    let (q, k, v) = try Self.split(input, headCount: options.headCount)
    let heads = try attention(
      queries: q, keys: k, values: v, scale: options.scale, mask: options.mask, on: backend)
    let joined = try heads.reshaped(to: input.values.shape)
    return try Self.projected(joined, input, on: backend) ?? joined
  }

  /// Q, K and V as `[word, head, dimension]`, without copying.
  private static func split(
    _ input: LessonInput, headCount: Int
  ) throws -> (q: Tensor, k: Tensor, v: Tensor) {
    func split(_ tensor: Tensor) throws -> Tensor {
      try tensor.reshaped(to: [tensor.shape[0], headCount, tensor.shape[1] / headCount])
    }
    return (try split(input.queries), try split(input.keys), try split(input.values))
  }

  private static func projected(
    _ tensor: Tensor, _ input: LessonInput, on backend: Backend? = nil
  ) throws -> Tensor? {
    try input.outputWeight.map { try matrixProduct(tensor.matrix(), $0.matrix(), on: backend) }
  }
}
