/// Multi-head attention: attention in several heads, each with separate projections of the input,
/// followed by an output projection.
///
///     Q = x W_Q    K = m W_K    V = m W_V           each split into heads
///     headₕ = softmax(scale · Qₕ Kₕᵀ, masked) Vₕ
///     y = [head₀ … head_{H−1}] W_O
///
/// Each projection can have a bias. m is x itself in self-attention, or another sequence in
/// cross-attention, usually an encoder output. V can be projected from a third tensor. Qₕ and Kₕ
/// can be normalized, then rotated by a rotary embedding. The layer stores each matrix transposed,
/// as ``Linear`` does: `[output feature, input feature]`. <doc:From-the-formula-to-the-layer>
/// computes an example step by step.
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
  /// Normalizes each head's queries, or the queries of all heads together; nil for none.
  public let queryNorm: RMSNorm?
  /// Normalizes each head's keys, or the keys of all heads together; nil for none.
  public let keyNorm: RMSNorm?
  /// Rotary embedding of queries and keys; nil for none.
  public let rotary: RotaryEmbedding?
  /// Additional keys that every query attends to.
  public let appendedKeys: AppendedKeys
  /// Relative positions as additional keys and queries, for self-attention without a cache; nil for none.
  public let disentangledPositions: DisentangledPositions?

  /// A layer with the given projections.
  ///
  /// - Parameters:
  ///   - query: `[headCount · dk, hidden size]`.
  ///   - key: `[keyValueHeadCount · dk, features of m]`.
  ///   - value: `[keyValueHeadCount · dv, features of the values' input]`.
  ///   - output: `[hidden size, headCount · dv]`.
  ///   - headCount: the number of query heads.
  ///   - keyValueHeadCount: the number of key-value heads; nil means `headCount`.
  ///   - queryNorm: normalizes each head's queries if it has dk features (Qwen 3), or the queries of all heads
  ///     together if it has `headCount` · dk features (OLMo 2).
  ///   - keyNorm: the same for keys: dk or `keyValueHeadCount` · dk features.
  ///   - rotary: rotary embedding of queries and keys, with head dimension dk.
  ///   - appendedKeys: additional keys that every query attends to.
  ///   - disentangledPositions: relative positions as additional keys and queries, for self-attention without
  ///     a cache; nil for none.
  /// - Throws: `AttentionError.argument` naming "heads" if `headCount` is not a multiple of
  ///   `keyValueHeadCount`, a projection whose size is not divisible by its heads, "rotary", a norm or
  ///   "disentangledPositions"; `AttentionError.shape` naming a projection, or the appended key or value, of the wrong
  ///   shape.
  public init(
    query: Linear, key: Linear, value: Linear, output: Linear, headCount: Int,
    keyValueHeadCount: Int? = nil, queryNorm: RMSNorm? = nil, keyNorm: RMSNorm? = nil,
    rotary: RotaryEmbedding? = nil, appendedKeys: AppendedKeys = AppendedKeys(),
    disentangledPositions: DisentangledPositions? = nil
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
    for (name, norm, size) in [
      ("queryNorm", queryNorm, query.outputSize), ("keyNorm", keyNorm, key.outputSize),
    ] {
      guard let norm, ![keyDimension, size].contains(norm.featureCount) else { continue }
      throw AttentionError.argument(
        name,
        reason: "expected \(keyDimension) features, the head dimension, or \(size), all heads, got "
          + "\(norm.featureCount)")
    }
    try appendedKeys.validate(
      headCount: groups, keyDimension: keyDimension, valueDimension: value.outputSize / groups)
    try disentangledPositions?.validate(
      headCount: headCount, keyValueHeadCount: groups, keyDimension: keyDimension)
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
    self.disentangledPositions = disentangledPositions
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
  /// - Returns: y, `[token, hidden size]`, and the requested results. Appended keys have no column in the
  ///   weights; with them, the rows sum to less than 1.
  /// - Throws: as the method without `results`.
  public func callAsFunction(
    _ input: Tensor, encoderOutput: Tensor? = nil, values: Tensor? = nil,
    options: AttentionOptions = AttentionOptions(), positions: TokenPositions = .fromStart,
    encoderPositions: TokenPositions = .fromStart, returning results: AttentionResults
  ) throws -> AttentionResult {
    if encoderOutput != nil { try refusePositions("cross-attention") }
    let (queries, keys, values) = try projections(
      of: input, encoderOutput: encoderOutput, values: values, options: options,
      positions: positions, encoderPositions: encoderPositions)
    let options = try addingPositions(
      of: AttentionHeads(queries: queries, keys: keys, values: values), to: options)
    let attentionOutput = try attentionOutput(
      queries: queries, options: options, returning: results
    ) {
      try attention(queries: queries, keys: keys, values: values, options: $0, returning: $1)
    }
    return try joined(attentionOutput)
  }

  /// Applies the output projection to the attention output of the heads.
  func joined(_ heads: AttentionResult) throws -> AttentionResult {
    var result = heads
    let tokens = heads.output.shape[0]
    // [token, head, dv] is [token, head · dv] in memory.
    result.output = try output(heads.output.reshaped(to: [tokens, output.inputSize]))
    return result
  }
}
