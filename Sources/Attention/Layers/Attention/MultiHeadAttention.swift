/// Multi-head attention: attention in several heads, each with separate projections of the input,
/// followed by an output projection.
///
///     Q = x W_Q    K = m W_K    V = m W_V           each split into heads
///     headₕ = softmax(scale · Qₕ Kₕᵀ, masked) Vₕ
///     y = [head₀ … head_{H−1}] W_O
///
/// Each projection can have a bias. m is x itself in self-attention, or another sequence in
/// cross-attention, usually an encoder output. V can be projected from a third tensor. Qₕ and Kₕ
/// can be normalised, then rotated by a rotary embedding. The layer stores each matrix transposed,
/// as ``Linear`` does: `[output feature, input feature]`. <doc:From-the-formula-to-the-layer>
/// explains an example.
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
  /// H, the number of query heads.
  public let headCount: Int
  /// The number of key-value heads; `headCount / keyValueHeadCount` query heads share each.
  public let keyValueHeadCount: Int
  /// Normalises each head's queries; nil for none.
  public let queryNorm: RMSNorm?
  /// Normalises each head's keys; nil for none.
  public let keyNorm: RMSNorm?
  /// Rotary embedding of queries and keys; nil for none.
  public let rotary: RotaryEmbedding?
  /// Additional keys that every query attends to.
  public let appendedKeys: AppendedKeys

  /// A layer with the given projections.
  ///
  /// - Parameters:
  ///   - query: `[headCount · dk, hidden size]`.
  ///   - key: `[keyValueHeadCount · dk, features of m]`.
  ///   - value: `[keyValueHeadCount · dv, features of the values' input]`.
  ///   - output: `[hidden size, headCount · dv]`.
  ///   - headCount: the number of query heads.
  ///   - keyValueHeadCount: the number of key-value heads; nil means `headCount`.
  ///   - queryNorm: normalises each head's queries, of size dk.
  ///   - keyNorm: normalises each head's keys, of size dk.
  ///   - rotary: rotary embedding of queries and keys, with head dimension dk.
  ///   - appendedKeys: additional keys that every query attends to.
  /// - Throws: `AttentionError.argument` naming "heads" if `headCount` is not a multiple of
  ///   `keyValueHeadCount`, a projection whose size is not divisible by its heads, "rotary" or a
  ///   norm; `AttentionError.shape` naming a projection, or the appended key or value, of the wrong
  ///   shape.
  public init(
    query: Linear, key: Linear, value: Linear, output: Linear, headCount: Int,
    keyValueHeadCount: Int? = nil, queryNorm: RMSNorm? = nil, keyNorm: RMSNorm? = nil,
    rotary: RotaryEmbedding? = nil, appendedKeys: AppendedKeys = AppendedKeys()
  ) throws {
    let groups = try Self.groupCount(headCount: headCount, keyValueHeadCount: keyValueHeadCount)
    for (name, outputSize, heads) in [
      ("query", query.outputSize, headCount), ("key", key.outputSize, groups),
      ("value", value.outputSize, groups),
    ] {
      guard outputSize > 0, outputSize % heads == 0 else {
        throw AttentionError.argument(
          name, reason: "\(outputSize) output features are not divisible by \(heads) heads")
      }
    }
    guard key.outputSize / groups == query.outputSize / headCount else {
      throw AttentionError.shape(
        argument: "key", expected: "the head dimension \(query.outputSize / headCount) of query",
        got: [key.outputSize, key.inputSize])
    }
    guard output.inputSize == value.outputSize / groups * headCount else {
      throw AttentionError.shape(
        argument: "output", expected: "\(value.outputSize / groups * headCount) input features",
        got: [output.outputSize, output.inputSize])
    }
    let keyDimension = query.outputSize / headCount
    if let rotary, rotary.headDimension != keyDimension {
      throw AttentionError.argument(
        "rotary",
        reason: "expected head dimension \(keyDimension), got \(rotary.headDimension)")
    }
    for (name, norm) in [("queryNorm", queryNorm), ("keyNorm", keyNorm)] {
      guard let norm, norm.featureCount != keyDimension else { continue }
      throw AttentionError.argument(
        name,
        reason: "expected \(keyDimension) features, the head dimension, got \(norm.featureCount)")
    }
    try appendedKeys.validate(
      headCount: groups, keyDimension: keyDimension, valueDimension: value.outputSize / groups)
    self.query = query
    self.key = key
    self.value = value
    self.output = output
    self.headCount = headCount
    self.keyValueHeadCount = groups
    self.queryNorm = queryNorm
    self.keyNorm = keyNorm
    self.rotary = rotary
    self.appendedKeys = appendedKeys
  }

  /// dk.
  var keyDimension: Int { query.outputSize / headCount }
  /// dv.
  var valueDimension: Int { value.outputSize / keyValueHeadCount }

  /// The number of key-value heads; throws unless it divides `headCount`.
  static func groupCount(headCount: Int, keyValueHeadCount: Int?) throws -> Int {
    let groups = keyValueHeadCount ?? headCount
    guard headCount > 0, groups > 0, headCount % groups == 0 else {
      throw AttentionError.argument(
        "heads",
        reason: "expected a positive multiple of the key-value heads, got \(headCount) heads and "
          + "\(groups) key-value heads")
    }
    return groups
  }

  /// The results of the layer for a batch.
  public struct Result: Sendable {
    /// y, `[token, hidden size]`.
    public var output: Tensor
    /// The attention weights, if requested: `[head, query token, key token]`. Appended keys have no
    /// column; with appended keys, the rows sum to less than 1.
    public var weights: Tensor?
    /// The mean of ``weights`` over the heads, if requested: `[query token, key token]`.
    public var meanWeights: Tensor?
    /// The logarithm of each softmax's denominator, if requested: `[head, query token]`.
    public var logSumExp: Tensor?
  }
}

// MARK: - Computing

extension MultiHeadAttention {
  /// Self-attention, or cross-attention if `encoderOutput` is given.
  ///
  /// - Parameters:
  ///   - input: x, `[token, hidden size]`.
  ///   - encoderOutput: m, the encoder output, `[encoder token, encoder hidden size]`; nil means x.
  ///   - values: the input of the value projection, `[encoder token, features]`; nil means m.
  ///   - options: scale, mask, and the lengths of packed sequences.
  ///   - positions: the positions of the tokens of x, for the rotary embedding.
  ///   - encoderPositions: the positions of the tokens of m, if it is given.
  /// - Returns: y, `[token, hidden size]`.
  /// - Throws: `AttentionError.shape` naming the input whose number of features differs;
  ///   `AttentionError.argument` naming "positions", or "values" if they are required; and as
  ///   ``attention(queries:keys:values:options:returning:on:)``.
  /// - Complexity: O(tokens · hidden size²) for the projections, plus the operator.
  public func callAsFunction(
    _ input: Tensor, encoderOutput: Tensor? = nil, values: Tensor? = nil,
    options: AttentionOptions = AttentionOptions(), positions: TokenPositions = .fromStart,
    encoderPositions: TokenPositions = .fromStart
  ) throws -> Tensor {
    try self(
      input, encoderOutput: encoderOutput, values: values, options: options, positions: positions,
      encoderPositions: encoderPositions, returning: []
    ).output
  }

  /// Self-attention or cross-attention, with the requested results in addition to the output.
  ///
  /// - Parameters:
  ///   - input: x, `[token, hidden size]`.
  ///   - encoderOutput: m, the encoder output, `[encoder token, encoder hidden size]`; nil means x.
  ///   - values: the input of the value projection, `[encoder token, features]`; nil means m.
  ///   - options: scale, mask, and the lengths of packed sequences.
  ///   - positions: the positions of the tokens of x, for the rotary embedding.
  ///   - encoderPositions: the positions of the tokens of m, if it is given.
  ///   - results: the results to return in addition to the output.
  /// - Returns: y, and the requested results.
  /// - Throws: as the method without `results`.
  public func callAsFunction(
    _ input: Tensor, encoderOutput: Tensor? = nil, values: Tensor? = nil,
    options: AttentionOptions = AttentionOptions(), positions: TokenPositions = .fromStart,
    encoderPositions: TokenPositions = .fromStart, returning results: AttentionResults
  ) throws -> Result {
    let (queries, keys, values) = try projections(
      of: input, encoderOutput: encoderOutput, values: values, options: options,
      positions: positions,
      encoderPositions: encoderPositions)
    let attentionOutput = try attentionOutput(
      queries: queries, options: options, returning: results
    ) {
      try attention(queries: queries, keys: keys, values: values, options: $0, returning: $1)
    }
    return try joined(attentionOutput)
  }

  /// Q, K and V, split into heads. A rotary embedding is applied to Q and K.
  ///
  /// - Parameters:
  ///   - input: x, `[token, hidden size]`.
  ///   - encoderOutput: m, the encoder output, `[encoder token, encoder hidden size]`; nil means x.
  ///   - values: the input of the value projection, `[encoder token, features]`; nil means m.
  ///   - options: the lengths of packed sequences; other options are ignored.
  ///   - positions: the positions of the tokens of x. For tokens that follow cached tokens, use
  ///     `.offsets` with the lengths of the cache.
  ///   - encoderPositions: the positions of the tokens of m, if it is given.
  /// - Returns: `[token, head, dk]`, `[encoder token, key-value head, dk]` and
  ///   `[encoder token, key-value head, dv]`.
  /// - Throws: `AttentionError.shape` naming the input whose number of features differs;
  ///   `AttentionError.argument` naming "values" if they are required, and with a rotary embedding
  ///   "positions" or "lengths".
  public func projections(
    of input: Tensor, encoderOutput: Tensor? = nil, values: Tensor? = nil,
    options: AttentionOptions = AttentionOptions(), positions: TokenPositions = .fromStart,
    encoderPositions: TokenPositions = .fromStart
  ) throws -> (queries: Tensor, keys: Tensor, values: Tensor) {
    var queries = try heads(query, input, "input", count: headCount, norm: queryNorm)
    let encoderName = encoderOutput == nil ? "input" : "encoderOutput"
    var projected = try keysAndValues(of: encoderOutput ?? input, encoderName, values: values)
    if let rotary {
      try rotary.apply(
        queries: &queries, keys: &projected.keys, options: options, positions: positions,
        keyPositions: encoderOutput == nil ? positions : encoderPositions)
    }
    return (queries, projected.keys, projected.values)
  }

  /// K and V, split into heads. The rotary embedding is not applied to K.
  ///
  /// - Parameter name: the name of `encoderOutput` in errors.
  func keysAndValues(
    of encoderOutput: Tensor, _ name: String, values: Tensor?
  ) throws -> (keys: Tensor, values: Tensor) {
    guard values != nil || value.inputSize == key.inputSize else {
      throw AttentionError.argument(
        "values",
        reason: "required, because values are projected from \(value.inputSize) features and "
          + "keys from \(key.inputSize)")
    }
    return (
      keys: try heads(key, encoderOutput, name, count: keyValueHeadCount, norm: keyNorm),
      values: try heads(
        value, values ?? encoderOutput, values == nil ? name : "values", count: keyValueHeadCount)
    )
  }

  /// A projection of `source`, split into heads and normalised: `[token, count, head dimension]`.
  ///
  /// - Parameter name: the name of `source` in errors.
  func heads(
    _ projection: Linear, _ source: Tensor, _ name: String, count: Int, norm: RMSNorm? = nil
  ) throws -> Tensor {
    guard source.shape.rank == 2, source.shape[1] == projection.inputSize else {
      let tokens = name == "input" ? "token" : "encoder token"
      throw AttentionError.shape(
        argument: name, expected: "[\(tokens), \(projection.inputSize)]", got: source.shape)
    }
    let (tokens, headDimension) = (source.shape[0], projection.outputSize / count)
    var projected = try projection(source)
    if let norm {
      projected = try norm(projected.reshaped(to: [tokens * count, headDimension]))
    }
    return try projected.reshaped(to: [tokens, count, headDimension])
  }

  /// Applies the output projection to the attention output.
  func joined(_ attentionOutput: AttentionResult) throws -> Result {
    let tokens = attentionOutput.output.shape[0]
    let joined = try attentionOutput.output.reshaped(to: [tokens, output.inputSize])  // [token, head · dv]
    return Result(
      output: try output(joined), weights: attentionOutput.weights,
      meanWeights: attentionOutput.meanWeights,
      logSumExp: attentionOutput.logSumExp)
  }
}
