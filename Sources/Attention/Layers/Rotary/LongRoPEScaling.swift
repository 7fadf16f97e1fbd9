import RealModule

/// LongRoPE: the frequency of each pair has its own divisor, from a list for sequences of at most
/// `originalLength` tokens, or from a list for longer ones:
///
///     ωᵢ ← ωᵢ / shortFactors[i]         length ≤ originalLength
///     ωᵢ ← ωᵢ / longFactors[i]          otherwise
///
/// Cosines and sines are multiplied by the attention factor m, and therefore scores by m². A decoder that passes
/// the original length computes the keys of all tokens again.
///
/// - Source: Ding et al. 2024; Abdin et al. 2024 (Phi-3).
public struct LongRoPEScaling: Sendable, Hashable {
  /// The divisors for sequences of at most ``originalLength`` tokens, one per pair.
  public var shortFactors: [Double]
  /// The divisors for longer sequences, one per pair.
  public var longFactors: [Double]
  /// The context length before the extension.
  public var originalLength: Int
  /// m.
  public var attentionFactor: Double

  /// A scaling with the given lists.
  ///
  /// - Parameters:
  ///   - shortFactors: one for each pair of features, for sequences up to the original length.
  ///   - longFactors: one for each pair of features, for longer sequences.
  ///   - originalLength: the longest sequence before the extension.
  ///   - factor: the factor by which the context grows; used for m.
  ///   - attentionFactor: m; nil for the value in the paper, √(1 + ln factor / ln originalLength), or 1 if
  ///     the factor is at most 1.
  public init(
    shortFactors: [Double], longFactors: [Double], originalLength: Int, factor: Double,
    attentionFactor: Double? = nil
  ) {
    self.shortFactors = shortFactors
    self.longFactors = longFactors
    self.originalLength = originalLength
    self.attentionFactor =
      attentionFactor
      ?? (factor <= 1 ? 1 : (1 + Double.log(factor) / .log(Double(originalLength))).squareRoot())
  }

  /// The divisors for a sequence.
  func factors(length: Int) -> [Double] { length > originalLength ? longFactors : shortFactors }

  func validate(pairCount: Int) throws {
    guard originalLength > 0 else {
      throw AttentionError.argument(
        "originalLength", reason: "expected a positive number, got \(originalLength)")
    }
    guard attentionFactor >= 0, attentionFactor.isFinite else {
      throw AttentionError.argument(
        "attentionFactor", reason: "expected a finite number of at least 0, got \(attentionFactor)")
    }
    for (name, factors) in [("shortFactors", shortFactors), ("longFactors", longFactors)] {
      guard factors.count == pairCount else {
        throw AttentionError.argument(
          name, reason: "expected \(pairCount), one per rotated pair, got \(factors.count)")
      }
      if let invalid = factors.first(where: { !($0 > 0 && $0.isFinite) }) {
        throw AttentionError.argument(name, reason: "expected positive numbers, got \(invalid)")
      }
    }
  }
}
