/// Several attentions side by side, each over its own projection of the input, joined by one more.
///
///     Q = x W_Q    K = m W_K    V = m W_V           each cut into heads
///     headₕ = softmax(scale · Qₕ Kₕᵀ, masked) Vₕ
///     y = [head₀ … head_{H−1}] W_O
///
/// with biases, where m is x itself (self-attention) or another sequence (cross-attention). The layer
/// holds each matrix transposed, as ``Linear`` does: `[output feature, input feature]`.
/// <doc:From-the-formula-to-the-layer> works through one.
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
  /// The number of heads of keys and values, each read by `headCount / keyValueHeadCount` query
  /// heads.
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
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming "heads" when the numbers of heads do
  ///   not divide, or the projection whose width is not divisible by its heads;
  ///   ``AttentionError/shape(argument:expected:got:)`` naming the projection that does not fit
  ///   another.
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
    /// The attention weights, if asked for: `[head, query token, key token]`. There are no mean
    /// weights.
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
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when a width differs, and as
  ///   ``attention(queries:keys:values:options:returning:on:)`` does.
  /// - Complexity: O(tokens · width²) for the projections, and the operator's.
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
  /// - Returns: y, and what was asked for.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when a width differs, and as
  ///   ``attention(queries:keys:values:options:returning:on:)`` does.
  public func callAsFunction(
    _ input: Tensor, memory: Tensor? = nil, options: AttentionOptions = AttentionOptions(),
    returning results: AttentionResults
  ) throws -> Result {
    let (queries, keys, values) = try projections(of: input, memory: memory)
    let mixed = try attention(
      queries: queries, keys: keys, values: values, options: options, returning: results)
    let tokens = mixed.output.shape[0]
    let joined = try mixed.output.reshaped(to: [tokens, output.inputWidth])  // [token, head · dv]
    return Result(
      output: try output(joined), weights: mixed.weights, logSumExp: mixed.logSumExp)
  }

  /// Q = x W_Q, K = m W_K and V = m W_V, with their biases, cut into heads.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`.
  ///   - memory: m, `[memory token, memory width]`; nil means x.
  /// - Returns: `[token, head, dk]`, `[memory token, key-value head, dk]` and `[memory token,
  ///   key-value head, dv]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when a width differs;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public func projections(
    of input: Tensor, memory: Tensor? = nil
  ) throws -> (queries: Tensor, keys: Tensor, values: Tensor) {
    func heads(_ projection: Linear, _ source: Tensor, count: Int) throws -> Tensor {
      let projected = try projection(source)
      return try projected.reshaped(
        to: [projected.shape[0], count, projection.outputWidth / count])
    }
    if let memory, memory.shape.rank != 2 || memory.shape[1] != key.inputWidth {
      throw AttentionError.shape(
        argument: "memory", expected: "[memory token, \(key.inputWidth)]", got: memory.shape)
    }
    let memory = memory ?? input
    return (
      queries: try heads(query, input, count: headCount),
      keys: try heads(key, memory, count: keyValueHeadCount),
      values: try heads(value, memory, count: keyValueHeadCount)
    )
  }
}
