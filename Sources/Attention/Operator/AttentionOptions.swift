/// What can be asked of the attention operator besides queries, keys and values.
///
/// Everything has a default, so that what comes later changes no caller. Options are checked where
/// they are used: the operator throws an ``AttentionError`` that names the one that does not fit.
///
/// Legend: s is the score of query i and key j of head h, P the weights.
public struct AttentionOptions: Sendable {
  /// The factor on QKᵀ, a finite number: s = scale · qᵢ·kⱼ; nil means 1/√dk.
  public var scale: Float?

  /// c, a positive number that keeps scores between −c and c: s ← c · tanh(s / c); nil for none.
  ///
  /// - Source: Gemma Team 2024, section 2.
  public var softCap: Float?

  /// Further changes to the scores, s ← f(s), one after the other: after the soft cap, before
  /// ``bias``.
  public var modifiers: [any ScoreModifier]

  /// What is added to the scores, s ← s + b[h, i, j]: `[query token, key token]` for all heads, or
  /// `[head or 1, query token, key token]`. With packed sequences, tokens are counted over all of
  /// them.
  public var bias: Tensor?

  /// Which keys each query may attend to: s ← −∞ for all others. It comes last, so nothing revives a
  /// hidden score.
  public var mask: AttentionMask

  /// One logit a head, `[head]`, that takes part in the softmax's denominator and has no value:
  /// Pᵢⱼ = exp(sᵢⱼ) / (Σₖ exp(sᵢₖ) + exp(sinkₕ)).
  ///
  /// The log-sum-exp includes it; the weights have no column for it, and sum to less than 1. −∞
  /// means no sink. NaN and +∞ are refused: the one would make every weight of its head NaN, the
  /// other 0.
  ///
  /// - Source: OpenAI 2025, gpt-oss; Xiao et al. 2023 for sinks.
  public var sinks: Tensor?

  /// Which weights are left out at random, P ← P · factor; nil for none.
  public var dropout: AttentionDropout?

  /// The lengths of the sequences that lie end to end in `queries`, which add up to its tokens; nil
  /// means one sequence.
  ///
  /// No token attends to another sequence's.
  public var lengths: [Int]?

  /// The lengths of the sequences in `keys` and `values`, as many as in ``lengths``; nil means the
  /// same lengths as the queries'.
  public var keyLengths: [Int]?

  /// Options, each at its default unless given; the properties say what they mean.
  public init(
    scale: Float? = nil, softCap: Float? = nil, modifiers: [any ScoreModifier] = [],
    bias: Tensor? = nil, mask: AttentionMask = .none, sinks: Tensor? = nil,
    dropout: AttentionDropout? = nil, lengths: [Int]? = nil, keyLengths: [Int]? = nil
  ) {
    self.scale = scale
    self.softCap = softCap
    self.modifiers = modifiers
    self.bias = bias
    self.mask = mask
    self.sinks = sinks
    self.dropout = dropout
    self.lengths = lengths
    self.keyLengths = keyLengths
  }
}

/// Which results the operator returns beside its output; `[]` for none.
public struct AttentionResults: OptionSet, Sendable {
  /// One bit a result.
  public let rawValue: Int

  /// The results whose bits are set.
  public init(rawValue: Int) {
    self.rawValue = rawValue
  }

  /// The attention weights, which take memory proportional to heads · queries · keys.
  public static let weights = AttentionResults(rawValue: 1)
  /// The logarithm of each softmax's denominator, and the maximum and sum that it comes from:
  /// merging and gradients start from them.
  public static let logSumExp = AttentionResults(rawValue: 2)
  /// The attention weights averaged over the heads: a head's share of the memory of ``weights``, for
  /// which the scores are computed once more.
  public static let meanWeights = AttentionResults(rawValue: 4)
}

/// What the attention operator computed.
public struct AttentionResult: Sendable {
  /// softmax(scale · QKᵀ, masked) V: `[query token, head, dv]`.
  public var output: Tensor

  /// P, the softmax itself, if asked for: `[head, query token, key token]`, from the same scores as
  /// the output; 0 where the mask hides a key, and between the sequences of a packed batch. With
  /// dropout, as it left them.
  public var weights: Tensor?

  /// The mean of P over the heads, if asked for: `[query token, key token]`.
  public var meanWeights: Tensor?

  /// L = log Σⱼ exp(sⱼ) over the visible keys and the head's sink, before dropout, if requested:
  /// `[head, query token]`. A query without visible keys has −∞, or its head's sink.
  ///
  /// Setting it discards ``statistics``.
  public var logSumExp: Tensor? { didSet { statistics = nil } }

  /// The maximum and the sum behind ``logSumExp``, requested with it. Merging and gradients prefer
  /// them, because a large L has no digits left for the sum.
  public internal(set) var statistics: SoftmaxStatistics?

  /// Results that were computed elsewhere, to be merged or differentiated. The functions that use
  /// them check the shapes.
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
