import RealModule

extension MultiHeadAttention {
  /// Additional keys that every query of every sequence attends to. Masks, positions and score
  /// modifiers do not apply to them.
  ///
  /// - Source: PyTorch's `MultiheadAttention`: `add_bias_kv` and `add_zero_attn`.
  public struct AppendedKeys: Sendable {
    /// A learned key, `[key-value head, dk]`, and its value, `[key-value head, dv]`.
    public var biasKeyValue: (key: Tensor, value: Tensor)?
    /// Whether to add a key of zeros with a value of zeros. It takes a share of the weights, like a
    /// sink with a logit of 0.
    public var addsZeroAttention: Bool

    /// Appended keys. Default: none.
    public init(biasKeyValue: (key: Tensor, value: Tensor)? = nil, addsZeroAttention: Bool = false)
    {
      self.biasKeyValue = biasKeyValue
      self.addsZeroAttention = addsZeroAttention
    }

    /// Throws if a learned tensor has the wrong shape.
    func validate(headCount: Int, keyDimension: Int, valueDimension: Int) throws {
      guard let biasKeyValue else { return }
      for (name, tensor, dimension) in [
        ("appended key", biasKeyValue.key, keyDimension),
        ("appended value", biasKeyValue.value, valueDimension),
      ] where tensor.shape != [headCount, dimension] {
        throw AttentionError.shape(
          argument: name, expected: "[\(headCount), \(dimension)]", got: tensor.shape)
      }
    }
  }

  /// Attention over the given keys and the appended keys.
  ///
  /// - Parameters:
  ///   - queries: `[query token, head, dk]`.
  ///   - options: as for the operator.
  ///   - results: the results to return in addition to the output.
  ///   - attend: computes attention over the given keys alone, with or without a cache.
  /// - Returns: as the operator; appended keys have no column in the weights.
  func attentionOutput(
    queries: Tensor, options: AttentionOptions, returning results: AttentionResults,
    attend: (AttentionOptions, AttentionResults) throws -> AttentionResult
  ) throws -> AttentionResult {
    var options = options
    if appendedKeys.addsZeroAttention {
      options.sinks = try Self.sinks(options.sinks, withZeroFor: headCount)
    }
    guard let biasKeyValue = appendedKeys.biasKeyValue else { return try attend(options, results) }
    // Attention over the learned key alone is merged with attention over all other keys. Masks,
    // positions and lengths then need no column for the learned key.
    let wantsWeights = results.contains(.weights) || results.contains(.meanWeights)
    let others = try attend(options, wantsWeights ? [.weights, .logSumExp] : .logSumExp)
    var biasOptions = AttentionOptions(scale: options.scale, softcap: options.softcap)
    biasOptions.dropout = try options.dropout.map {
      try AttentionDropout(rate: $0.rate, seed: ~$0.seed)
    }
    let alone = try attention(
      queries: queries,
      keys: biasKeyValue.key.reshaped(to: Shape([1] + biasKeyValue.key.shape.dimensions)),
      values: biasKeyValue.value.reshaped(to: Shape([1] + biasKeyValue.value.shape.dimensions)),
      options: biasOptions, returning: .logSumExp)
    var merged = try mergedAttention([others, alone])
    if wantsWeights, let weights = others.weights {
      let scaled = try Self.weights(weights, from: others.statistics, to: merged.statistics)
      merged.weights = results.contains(.weights) ? scaled : nil
      merged.meanWeights = results.contains(.meanWeights) ? try scaled.meanOverHeads() : nil
    }
    if !results.contains(.logSumExp) { merged.logSumExp = nil }
    return merged
  }

  /// Sinks that also include a logit of 0: log(e^s + 1).
  private static func sinks(_ sinks: Tensor?, withZeroFor headCount: Int) throws -> Tensor {
    guard let sinks else { return try Tensor(shape: [headCount], repeating: 0) }
    return try Tensor(
      shape: sinks.shape,
      scalars: sinks.scalars.map { max($0, 0) + Float.log(onePlus: .exp(-abs($0))) })
  }

  /// Rescales weights to a softmax over more keys: w · exp(m − m′) · l / l′, for each head and
  /// query.
  private static func weights(
    _ weights: Tensor, from part: SoftmaxStatistics?, to whole: SoftmaxStatistics?
  ) throws -> Tensor {
    guard let part, let whole else { return weights }
    let (m, l) = (part.maximum.scalars, part.sum.scalars)
    let (wholeM, wholeL) = (whole.maximum.scalars, whole.sum.scalars)
    let shares = m.indices.map { row in
      // Equal maxima may be infinite, and ∞ − ∞ is NaN.
      l[row] == 0
        ? 0 : (m[row] == wholeM[row] ? 1 : .exp(m[row] - wholeM[row])) * l[row] / wholeL[row]
    }
    let keyCount = weights.shape[2]
    var scaled = weights
    try scaled.withMutableSpan { span in
      for index in span.indices { span[index] *= shares[index / keyCount] }
    }
    return scaled
  }
}
