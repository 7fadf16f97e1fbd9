/// What can be asked of the attention operator besides queries, keys and values.
///
/// Everything has a default, so that what comes later changes no caller.
public struct AttentionOptions: Sendable {
  /// The factor on QKᵀ; nil means 1/√dk.
  public var scale: Float?

  /// Which keys each query may attend to.
  public var mask: AttentionMask

  /// The lengths of the sequences that lie end to end in `queries`; nil means one sequence.
  ///
  /// No token attends to another sequence's.
  public var lengths: [Int]?

  /// The lengths of the sequences in `keys` and `values`, as many as in `lengths`; nil means the
  /// same lengths as the queries'.
  public var keyLengths: [Int]?

  /// Options, each at its default unless given.
  public init(
    scale: Float? = nil, mask: AttentionMask = .none, lengths: [Int]? = nil,
    keyLengths: [Int]? = nil
  ) {
    self.scale = scale
    self.mask = mask
    self.lengths = lengths
    self.keyLengths = keyLengths
  }
}

/// Which results the operator returns beside its output.
public struct AttentionResults: OptionSet, Sendable {
  /// One bit a result.
  public let rawValue: Int

  /// The results whose bits are set.
  public init(rawValue: Int) {
    self.rawValue = rawValue
  }

  /// The attention weights, which take memory proportional to queries · keys.
  public static let weights = AttentionResults(rawValue: 1)
  /// The logarithm of each softmax's denominator.
  public static let logSumExp = AttentionResults(rawValue: 2)
}

/// What the attention operator computed.
public struct AttentionResult: Sendable {
  /// softmax(scale · QKᵀ, masked) V: `[query token, head, dv]`.
  public var output: Tensor

  /// The softmax itself, if asked for: `[head, query token, key token]`, from the same scores as the
  /// output; 0 where the mask hides a key, and between the sequences of a packed batch.
  public var weights: Tensor?

  /// log Σⱼ exp(scoreⱼ) over the keys that are kept, if asked for: `[head, query token]`; −∞ for a
  /// query that keeps none.
  public var logSumExp: Tensor?
}
