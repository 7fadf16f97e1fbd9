/// The options of the attention operator.
///
/// Every option has a default, so that new options do not break existing calls. The operator
/// validates the options and throws an ``AttentionError`` that names the invalid one.
///
/// Legend: s is the score of query i and key j of head h; P are the weights.
public struct AttentionOptions: Sendable {
  /// The factor of QKᵀ, a finite number: s = scale · qᵢ·kⱼ; nil means 1/√dk.
  public var scale: Float?

  /// The softcap c, a positive number that limits scores to the range from −c to c:
  /// s ← c · tanh(s / c); nil for none.
  ///
  /// - Source: Gemma Team 2024, section 2.
  public var softcap: Float?

  /// Further changes to the scores, s ← f(s), applied in order: after the softcap, before ``bias``.
  public var modifiers: [any ScoreModifier]

  /// A tensor that is added to the scores, s ← s + b[h, i, j]: `[query token, key token]` for all
  /// heads, or `[head or 1, query token, key token]`. With packed sequences, tokens are counted
  /// over all sequences.
  public var bias: Tensor?

  /// Which keys each query may attend to: s ← −∞ for all others. The mask is applied last, so a
  /// hidden score stays hidden.
  public var mask: AttentionMask

  /// One logit per head, `[head]`, that is part of the softmax's denominator and has no value:
  /// Pᵢⱼ = exp(sᵢⱼ) / (Σₖ exp(sᵢₖ) + exp(sinkₕ)).
  ///
  /// The log-sum-exp includes the sink. The weights have no column for the sink and sum to less
  /// than 1. −∞ means no sink. NaN and +∞ throw an error: NaN would make every weight of the head
  /// NaN, +∞ would make every weight 0.
  ///
  /// - Source: OpenAI 2025, gpt-oss; Xiao et al. 2023 for sinks.
  public var sinks: Tensor?

  /// Dropout of the weights, P ← P · factor; nil for none.
  public var dropout: AttentionDropout?

  /// The lengths of the packed sequences in `queries`, which must add up to the number of query
  /// tokens; nil means one sequence.
  ///
  /// A token attends only to tokens of the same sequence.
  public var lengths: [Int]?

  /// The lengths of the packed sequences in `keys` and `values`, one for each sequence in
  /// ``lengths``; nil means ``lengths``.
  public var keyLengths: [Int]?

  /// Options; the properties describe each one.
  public init(
    scale: Float? = nil, softcap: Float? = nil, modifiers: [any ScoreModifier] = [],
    bias: Tensor? = nil, mask: AttentionMask = .none, sinks: Tensor? = nil,
    dropout: AttentionDropout? = nil, lengths: [Int]? = nil, keyLengths: [Int]? = nil
  ) {
    self.scale = scale
    self.softcap = softcap
    self.modifiers = modifiers
    self.bias = bias
    self.mask = mask
    self.sinks = sinks
    self.dropout = dropout
    self.lengths = lengths
    self.keyLengths = keyLengths
  }
}

/// The results that the operator returns in addition to its output; `[]` for none.
public struct AttentionResults: OptionSet, Sendable {
  /// One bit per result.
  public let rawValue: Int

  /// The results whose bits are set.
  public init(rawValue: Int) {
    self.rawValue = rawValue
  }

  /// The attention weights, which take memory proportional to heads · queries · keys.
  public static let weights = AttentionResults(rawValue: 1)
  /// The logarithm of each softmax's denominator, with the maximum and the sum that it is computed
  /// from. Merging and gradients need them.
  public static let logSumExp = AttentionResults(rawValue: 2)
  /// The attention weights averaged over the heads. They take 1 / heads of the memory of
  /// ``weights``, but the scores are computed twice.
  public static let meanWeights = AttentionResults(rawValue: 4)
}

/// The results of the attention operator.
public struct AttentionResult: Sendable {
  /// softmax(scale · QKᵀ, masked) V: `[query token, head, dv]`.
  public var output: Tensor

  /// P, the attention weights, if requested: `[head, query token, key token]`, from the same scores
  /// as the output. 0 for hidden keys and between the sequences of a packed batch. With dropout,
  /// the weights after dropout.
  public var weights: Tensor?

  /// The mean of P over the heads, if requested: `[query token, key token]`.
  public var meanWeights: Tensor?

  /// L = log Σⱼ exp(sⱼ) over the visible keys and the head's sink, before dropout, if requested:
  /// `[head, query token]`. A query without visible keys has −∞, or its head's sink.
  ///
  /// Setting this property discards ``statistics``.
  public var logSumExp: Tensor? { didSet { statistics = nil } }

  /// The maximum and the sum that ``logSumExp`` is computed from, returned together with it.
  /// Merging and gradients prefer the statistics, because a large L has no digits left for the sum.
  public internal(set) var statistics: SoftmaxStatistics?

  /// Results of another computation, to merge or differentiate them. The functions that use them
  /// check the shapes.
  ///
  /// - Parameters:
  ///   - output: `[query token, head, dv]`.
  ///   - weights: `[head, query token, key token]`.
  ///   - meanWeights: `[query token, key token]`.
  ///   - logSumExp: `[head, query token]`.
  ///   - statistics: m and l of each row. They take precedence over `logSumExp`.
  public init(
    output: Tensor, weights: Tensor? = nil, meanWeights: Tensor? = nil, logSumExp: Tensor? = nil,
    statistics: SoftmaxStatistics? = nil
  ) {
    self.output = output
    self.weights = weights
    self.meanWeights = meanWeights
    self.logSumExp = logSumExp
    self.statistics = statistics
  }
}
