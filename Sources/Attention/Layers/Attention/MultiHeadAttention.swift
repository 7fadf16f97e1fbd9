/// Several attentions side by side, each over its own projection of the input, joined by one more.
///
///     Q = x W_Q    K = m W_K    V = m W_V           each cut into heads
///     headₕ = softmax(scale · Qₕ Kₕᵀ, masked) Vₕ
///     y = [head₀ … head_{H−1}] W_O
///
/// with biases, where m is x itself (self-attention) or another sequence (cross-attention), and V may be
/// projected from a third. Qₕ and Kₕ may be normalised first, and then turned to their positions. The
/// layer holds each matrix transposed, as ``Linear`` does: `[output feature, input feature]`.
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
  /// The number of heads of keys and values, each read by `headCount / keyValueHeadCount` query heads.
  public let keyValueHeadCount: Int
  /// Normalises each head's queries; nil for none.
  public let queryNorm: RMSNorm?
  /// Normalises each head's keys; nil for none.
  public let keyNorm: RMSNorm?
  /// Turns queries and keys to their positions; nil for none.
  public let rotary: RotaryEmbedding?
  /// Keys that every query sees beside those of the input.
  public let extraKeys: ExtraKeys

  /// A layer of the given projections.
  ///
  /// - Parameters:
  ///   - query: `[headCount · dk, width]`.
  ///   - key: `[keyValueHeadCount · dk, memory width]`.
  ///   - value: `[keyValueHeadCount · dv, values' width]`.
  ///   - output: `[width, headCount · dv]`.
  ///   - headCount: the number of heads.
  ///   - keyValueHeadCount: the number of heads of keys and values; nil means `headCount`.
  ///   - queryNorm: normalises each head's queries, dk wide.
  ///   - keyNorm: normalises each head's keys, dk wide.
  ///   - rotary: turns queries and keys to their positions, with dk as its head dimension.
  ///   - extraKeys: keys that every query sees beside those of the input.
  /// - Throws: `AttentionError.argument` naming "heads" when the numbers of heads do not divide, the
  ///   projection whose width is not divisible by its heads, "rotary" or a norm; `AttentionError.shape`
  ///   naming the projection, or the extra key or value, that does not fit.
  public init(
    query: Linear, key: Linear, value: Linear, output: Linear, headCount: Int,
    keyValueHeadCount: Int? = nil, queryNorm: RMSNorm? = nil, keyNorm: RMSNorm? = nil,
    rotary: RotaryEmbedding? = nil, extraKeys: ExtraKeys = ExtraKeys()
  ) throws {
    let groups = try Self.groupCount(headCount: headCount, keyValueHeadCount: keyValueHeadCount)
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
        got: [key.outputWidth, key.inputWidth])
    }
    guard output.inputWidth == value.outputWidth / groups * headCount else {
      throw AttentionError.shape(
        argument: "output", expected: "\(value.outputWidth / groups * headCount) input features",
        got: [output.outputWidth, output.inputWidth])
    }
    let keyDimension = query.outputWidth / headCount
    if let rotary, rotary.headDimension != keyDimension {
      throw AttentionError.argument(
        "rotary",
        reason: "made for a head dimension of \(rotary.headDimension), where it is \(keyDimension)")
    }
    for (name, norm) in [("queryNorm", queryNorm), ("keyNorm", keyNorm)] {
      guard let norm, norm.width != keyDimension else { continue }
      throw AttentionError.argument(
        name, reason: "a width of \(norm.width), where the head dimension is \(keyDimension)")
    }
    try extraKeys.validate(
      headCount: groups, keyDimension: keyDimension, valueDimension: value.outputWidth / groups)
    self.query = query
    self.key = key
    self.value = value
    self.output = output
    self.headCount = headCount
    self.keyValueHeadCount = groups
    self.queryNorm = queryNorm
    self.keyNorm = keyNorm
    self.rotary = rotary
    self.extraKeys = extraKeys
  }

  /// dk.
  var keyDimension: Int { query.outputWidth / headCount }
  /// dv.
  var valueDimension: Int { value.outputWidth / keyValueHeadCount }

  /// The number of key-value heads, which must divide that of the heads.
  static func groupCount(headCount: Int, keyValueHeadCount: Int?) throws -> Int {
    let groups = keyValueHeadCount ?? headCount
    guard headCount > 0, groups > 0, headCount % groups == 0 else {
      throw AttentionError.argument(
        "heads", reason: "\(headCount) heads over \(groups) key-value heads")
    }
    return groups
  }

  /// What the layer computed for a batch.
  public struct Result: Sendable {
    /// y, `[token, width]`.
    public var output: Tensor
    /// The attention weights, if asked for: `[head, query token, key token]`. Extra keys have no
    /// column; where there are any, the rows sum to less than 1.
    public var weights: Tensor?
    /// The mean of ``weights`` over the heads, if asked for: `[query token, key token]`.
    public var meanWeights: Tensor?
    /// The logarithm of each softmax's denominator, if asked for: `[head, query token]`.
    public var logSumExp: Tensor?
  }
}

// MARK: - Computing

extension MultiHeadAttention {
  /// Self-attention, or cross-attention when there is a memory.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`.
  ///   - memory: m, `[memory token, memory width]`; nil means x.
  ///   - values: what values are projected from, `[memory token, values' width]`; nil means m.
  ///   - options: scale, mask, and the lengths of packed sequences.
  ///   - positions: where the tokens of x stand in their sequences, for the rotary embedding.
  ///   - memoryPositions: where those of m stand, if there is a memory.
  /// - Returns: y, `[token, width]`.
  /// - Throws: `AttentionError.shape` naming the input whose width differs; `AttentionError.argument`
  ///   naming "positions", or "values" where they are needed; and as
  ///   ``attention(queries:keys:values:options:returning:on:)`` does.
  /// - Complexity: O(tokens · width²) for the projections, and the operator's.
  public func callAsFunction(
    _ input: Tensor, memory: Tensor? = nil, values: Tensor? = nil,
    options: AttentionOptions = AttentionOptions(), positions: TokenPositions = .fromStart,
    memoryPositions: TokenPositions = .fromStart
  ) throws -> Tensor {
    try self(
      input, memory: memory, values: values, options: options, positions: positions,
      memoryPositions: memoryPositions, returning: []
    ).output
  }

  /// The same, with what lies on the way.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`.
  ///   - memory: m, `[memory token, memory width]`; nil means x.
  ///   - values: what values are projected from, `[memory token, values' width]`; nil means m.
  ///   - options: scale, mask, and the lengths of packed sequences.
  ///   - positions: where the tokens of x stand in their sequences, for the rotary embedding.
  ///   - memoryPositions: where those of m stand, if there is a memory.
  ///   - results: what to return beside the output.
  /// - Returns: y, and what was asked for.
  /// - Throws: as without results.
  public func callAsFunction(
    _ input: Tensor, memory: Tensor? = nil, values: Tensor? = nil,
    options: AttentionOptions = AttentionOptions(), positions: TokenPositions = .fromStart,
    memoryPositions: TokenPositions = .fromStart, returning results: AttentionResults
  ) throws -> Result {
    let (queries, keys, values) = try projections(
      of: input, memory: memory, values: values, options: options, positions: positions,
      memoryPositions: memoryPositions)
    let mixed = try mixed(queries: queries, options: options, returning: results) {
      try attention(queries: queries, keys: keys, values: values, options: $0, returning: $1)
    }
    return try joined(mixed)
  }

  /// Q, K and V, cut into heads; Q and K turned to their positions if there is a rotary embedding.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`.
  ///   - memory: m, `[memory token, memory width]`; nil means x.
  ///   - values: what values are projected from, `[memory token, values' width]`; nil means m.
  ///   - options: the lengths of packed sequences; nothing else of them matters here.
  ///   - positions: where the tokens of x stand in their sequences. Those that follow cached ones
  ///     stand at `.offsets` by the cached lengths.
  ///   - memoryPositions: where those of m stand, if there is a memory.
  /// - Returns: `[token, head, dk]`, `[memory token, key-value head, dk]` and `[memory token,
  ///   key-value head, dv]`.
  /// - Throws: `AttentionError.shape` naming the input whose width differs; `AttentionError.argument`
  ///   naming "values" where they are needed, and with a rotary embedding "positions" or "lengths".
  public func projections(
    of input: Tensor, memory: Tensor? = nil, values: Tensor? = nil,
    options: AttentionOptions = AttentionOptions(), positions: TokenPositions = .fromStart,
    memoryPositions: TokenPositions = .fromStart
  ) throws -> (queries: Tensor, keys: Tensor, values: Tensor) {
    var queries = try heads(query, input, "input", count: headCount, norm: queryNorm)
    let memoryName = memory == nil ? "input" : "memory"
    var projected = try keysAndValues(of: memory ?? input, memoryName, values: values)
    if let rotary {
      try rotary.apply(
        queries: &queries, keys: &projected.keys, options: options, positions: positions,
        keyPositions: memory == nil ? positions : memoryPositions)
    }
    return (queries, projected.keys, projected.values)
  }

  /// K and V, cut into heads; K as it is before it is turned.
  ///
  /// - Parameter name: what to call `memory` where it is refused.
  func keysAndValues(
    of memory: Tensor, _ name: String, values: Tensor?
  ) throws -> (keys: Tensor, values: Tensor) {
    guard values != nil || value.inputWidth == key.inputWidth else {
      throw AttentionError.argument(
        "values",
        reason: "needed beside the keys' input, for values are projected from "
          + "\(value.inputWidth) features and keys from \(key.inputWidth)")
    }
    return (
      keys: try heads(key, memory, name, count: keyValueHeadCount, norm: keyNorm),
      values: try heads(
        value, values ?? memory, values == nil ? name : "values", count: keyValueHeadCount)
    )
  }

  /// A projection of `source`, cut into heads and normalised: `[token, count, width / count]`.
  ///
  /// - Parameter name: what to call `source` where it is refused.
  func heads(
    _ projection: Linear, _ source: Tensor, _ name: String, count: Int, norm: RMSNorm? = nil
  ) throws -> Tensor {
    guard source.shape.rank == 2, source.shape[1] == projection.inputWidth else {
      let tokens = name == "input" ? "token" : "memory token"
      throw AttentionError.shape(
        argument: name, expected: "[\(tokens), \(projection.inputWidth)]", got: source.shape)
    }
    let (tokens, width) = (source.shape[0], projection.outputWidth / count)
    var projected = try projection(source)
    if let norm {
      projected = try norm(projected.reshaped(to: [tokens * count, width]))
    }
    return try projected.reshaped(to: [tokens, count, width])
  }

  /// y from the heads' outputs.
  func joined(_ mixed: AttentionResult) throws -> Result {
    let tokens = mixed.output.shape[0]
    let joined = try mixed.output.reshaped(to: [tokens, output.inputWidth])  // [token, head · dv]
    return Result(
      output: try output(joined), weights: mixed.weights, meanWeights: mixed.meanWeights,
      logSumExp: mixed.logSumExp)
  }
}
