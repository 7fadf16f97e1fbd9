/// Several attentions side by side, each over its own projection of the input, joined by one more.
///
///     Q = x W_Q    K = m W_K    V = m W_V           each cut into heads
///     headₕ = softmax(scale · Qₕ Kₕᵀ, masked) Vₕ
///     y = [head₀ … head_{H−1}] W_O
///
/// with biases, where m is x itself (self-attention) or another sequence (cross-attention).
///
/// - Source: Vaswani et al. 2017, section 3.2.2; grouped heads: Ainslie et al. 2023.
public struct MultiHeadAttention: Sendable {
  /// W_Q and its bias.
  public let query: Linear
  /// W_K and its bias.
  public let key: Linear
  /// W_V and its bias.
  public let value: Linear
  /// W_O and its bias.
  public let output: Linear
  /// H, the number of heads of the queries.
  public let headCount: Int
  /// The number of heads of keys and values, each read by `headCount / keyValueHeadCount` query heads.
  public let keyValueHeadCount: Int

  /// A layer of the given projections.
  ///
  /// - Parameters:
  ///   - query: `[headCount · dk, width]`.
  ///   - key: `[keyValueHeadCount · dk, memory width]`.
  ///   - value: `[keyValueHeadCount · dv, memory width]`.
  ///   - output: `[width, headCount · dv]`.
  ///   - headCount: the number of heads.
  ///   - keyValueHeadCount: the number of heads of keys and values; nil means `headCount`.
  /// - Throws: `AttentionError.argument` naming "heads" or "divisible", `AttentionError.shape` naming
  ///   the projection that does not fit.
  public init(
    query: Linear, key: Linear, value: Linear, output: Linear, headCount: Int,
    keyValueHeadCount: Int? = nil
  ) throws {
    let groups = keyValueHeadCount ?? headCount
    guard headCount > 0, groups > 0, headCount % groups == 0 else {
      throw AttentionError.argument(
        "heads", reason: "\(headCount) heads over \(groups) key-value heads")
    }
    for (name, width, heads) in [
      ("query", query.outputWidth, headCount), ("key", key.outputWidth, groups),
      ("value", value.outputWidth, groups),
    ] {
      guard width > 0, width % heads == 0 else {
        throw AttentionError.argument(
          name, reason: "a width of \(width) is not divisible by \(heads) heads")
      }
    }
    guard key.outputWidth / groups == query.outputWidth / headCount else {
      throw AttentionError.shape(
        argument: "key", expected: "the head dimension \(query.outputWidth / headCount) of query",
        got: key.weight.shape)
    }
    guard value.inputWidth == key.inputWidth else {
      throw AttentionError.shape(
        argument: "value", expected: "the \(key.inputWidth) input features of key",
        got: value.weight.shape)
    }
    guard output.inputWidth == value.outputWidth / groups * headCount else {
      throw AttentionError.shape(
        argument: "output", expected: "\(value.outputWidth / groups * headCount) input features",
        got: output.weight.shape)
    }
    self.query = query
    self.key = key
    self.value = value
    self.output = output
    self.headCount = headCount
    self.keyValueHeadCount = groups
  }

  /// What the layer computed for a batch.
  public struct Result: Sendable {
    /// y, `[token, width]`.
    public var output: Tensor
    /// The attention weights, if asked for: `[head, query token, key token]`.
    public var weights: Tensor?
    /// The logarithm of each softmax's denominator, if asked for: `[head, query token]`.
    public var logSumExp: Tensor?
  }

  /// Self-attention, or cross-attention when there is a memory.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`.
  ///   - memory: m, `[memory token, memory width]`; nil means x.
  ///   - options: scale, mask, and the lengths of packed sequences.
  /// - Returns: y, `[token, width]`.
  /// - Throws: `AttentionError` as `attention(queries:keys:values:options:returning:on:)` does.
  public func callAsFunction(
    _ input: Tensor, memory: Tensor? = nil, options: AttentionOptions = AttentionOptions()
  ) throws -> Tensor {
    try self(input, memory: memory, options: options, returning: []).output
  }

  /// The same, with what lies on the way.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`.
  ///   - memory: m, `[memory token, memory width]`; nil means x.
  ///   - options: scale, mask, and the lengths of packed sequences.
  ///   - results: what to return beside the output.
  /// - Throws: `AttentionError` as `attention(queries:keys:values:options:returning:on:)` does.
  public func callAsFunction(
    _ input: Tensor, memory: Tensor? = nil, options: AttentionOptions = AttentionOptions(),
    returning results: AttentionResults
  ) throws -> Result {
    let (queries, keys, values) = try projections(of: input, memory: memory)
    return try joined(
      attention(
        queries: queries, keys: keys, values: values, options: options, returning: results))
  }

  /// The heads' outputs joined by W_O.
  func joined(_ mixed: AttentionResult) throws -> Result {
    let tokens = mixed.output.shape[0]
    let joined = try mixed.output.reshaped(to: [tokens, output.inputWidth])  // [token, head · dv]
    return Result(
      output: try output(joined), weights: mixed.weights, logSumExp: mixed.logSumExp)
  }

  /// Q, K and V, cut into heads.
  ///
  /// - Returns: `[token, head, dk]`, `[memory token, key-value head, dk]` and `[memory token,
  ///   key-value head, dv]`.
  /// - Throws: `AttentionError.shape` when a width differs.
  public func projections(
    of input: Tensor, memory: Tensor? = nil
  ) throws -> (queries: Tensor, keys: Tensor, values: Tensor) {
    if let memory { try requireWidth(of: memory) }
    let memory = memory ?? input
    return (
      queries: try heads(query, input, count: headCount),
      keys: try heads(key, memory, count: keyValueHeadCount),
      values: try heads(value, memory, count: keyValueHeadCount)
    )
  }

  /// Refuses a memory of another width, by that name.
  func requireWidth(of memory: Tensor) throws {
    guard memory.shape.rank == 2, memory.shape[1] == key.inputWidth else {
      throw AttentionError.shape(
        argument: "memory", expected: "[memory token, \(key.inputWidth)]", got: memory.shape)
    }
  }

  /// A projection of `source`, cut into heads: `[token, count, width / count]`.
  func heads(_ projection: Linear, _ source: Tensor, count: Int) throws -> Tensor {
    let projected = try projection(source)
    return try projected.reshaped(
      to: [projected.shape[0], count, projection.outputWidth / count])
  }
}
