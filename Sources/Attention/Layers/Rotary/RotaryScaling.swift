/// How rotary frequencies are changed so that a model reads sequences longer than those it was
/// trained on.
///
/// With ωᵢ = base^(−2i/d), the frequency of pair i of the d features that rotate:
///
/// - Source: Hugging Face's `modeling_rope_utils`, whose names and results these follow; the papers
///   stand with each case.
public enum RotaryScaling: Sendable, Hashable {
  /// ωᵢ as they are.
  case none

  /// ωᵢ / factor: every position is divided by the factor.
  ///
  /// - Source: Chen et al. 2023 (position interpolation).
  case linear(factor: Double)

  /// A larger base, base · factor^(d/(d−2)): the slowest pair turns `factor` times as slowly, the
  /// fastest as before.
  ///
  /// - Source: Peng et al. 2023, section 3.1 (NTK-aware interpolation).
  case ntkAware(factor: Double)

  /// A base that grows with the length n of the sequence beyond `originalLength`:
  /// base · (factor · n / originalLength − (factor − 1))^(d/(d−2)).
  ///
  /// Each packed sequence has its own length. Keys that a cache holds keep the frequencies of the
  /// length at which they were put there.
  ///
  /// - Source: Peng et al. 2023, section 3.3 (dynamic scaling).
  case dynamicNTK(factor: Double, originalLength: Int)

  /// Slow pairs are interpolated, fast ones left alone, those between mixed; cosines and sines grow.
  case yarn(YaRNScaling)

  /// Slow pairs are interpolated, fast ones left alone, those between mixed by wavelength.
  case llama3(Llama3Scaling)
}

/// YaRN: pairs that turn often within the original length keep their frequency, those that turn
/// seldom have it divided by the factor, and a linear ramp over the pairs lies between:
///
///     ωᵢ ← ωᵢ ((1 − rᵢ) + rᵢ / factor)      rᵢ = clamp((i − low) / (high − low), 0, 1)
///     low, high = d ln(originalLength / (2π β)) / (2 ln base)      with β = betaFast, betaSlow
///
/// Cosines and sines are multiplied by the attention factor m, and so scores by m².
///
/// - Source: Peng et al. 2023.
public struct YaRNScaling: Sendable, Hashable {
  /// By how much the context grows.
  public var factor: Double
  /// The length that the model was first trained on.
  public var originalLength: Int
  /// A pair that turns more often than this within the original length keeps its frequency.
  public var betaFast: Double
  /// A pair that turns less often than this has its frequency divided by the factor.
  public var betaSlow: Double
  /// m; nil means the paper's, from the factor and the two scales below.
  public var attentionFactor: Double?
  /// Scales the logarithm in the numerator of m; counts only together with the next.
  public var mscale: Double?
  /// Scales the logarithm in the denominator of m; counts only together with the one before.
  public var mscaleAllDimensions: Double?
  /// Whether low and high are rounded outward to whole pairs.
  public var truncatesRange: Bool

  /// A scaling with the published defaults.
  public init(
    factor: Double, originalLength: Int, betaFast: Double = 32, betaSlow: Double = 1,
    attentionFactor: Double? = nil, mscale: Double? = nil, mscaleAllDimensions: Double? = nil,
    truncatesRange: Bool = true
  ) {
    self.factor = factor
    self.originalLength = originalLength
    self.betaFast = betaFast
    self.betaSlow = betaSlow
    self.attentionFactor = attentionFactor
    self.mscale = mscale
    self.mscaleAllDimensions = mscaleAllDimensions
    self.truncatesRange = truncatesRange
  }
}

/// Llama 3.1's scaling, by each pair's wavelength λᵢ = 2π/ωᵢ:
///
///     ωᵢ                                      λᵢ < originalLength / highFrequencyFactor
///     ωᵢ / factor                             λᵢ > originalLength / lowFrequencyFactor
///     (1 − s) ωᵢ / factor + s ωᵢ              between, with
///     s = (originalLength / λᵢ − lowFrequencyFactor) / (highFrequencyFactor − lowFrequencyFactor)
///
/// - Source: Meta 2024, the published code of Llama 3.1.
public struct Llama3Scaling: Sendable, Hashable {
  /// By how much slow pairs are slowed.
  public var factor: Double
  /// How often a pair turns within the original length, at most, to be slowed in full.
  public var lowFrequencyFactor: Double
  /// How often a pair turns within the original length, at least, to be left alone.
  public var highFrequencyFactor: Double
  /// The length that the model was first trained on.
  public var originalLength: Int

  /// A scaling with Llama 3.1's values, unless given.
  public init(
    factor: Double = 8, lowFrequencyFactor: Double = 1, highFrequencyFactor: Double = 4,
    originalLength: Int = 8192
  ) {
    self.factor = factor
    self.lowFrequencyFactor = lowFrequencyFactor
    self.highFrequencyFactor = highFrequencyFactor
    self.originalLength = originalLength
  }
}

// MARK: - Checks

extension RotaryScaling {
  /// Refuses numbers that make no sense.
  ///
  /// - Throws: `AttentionError.argument` naming the number.
  func validate() throws {
    switch self {
    case .none: break
    case .linear(let factor), .ntkAware(let factor):
      try requirePositive([("factor", factor)])
    case .dynamicNTK(let factor, let originalLength):
      try requirePositive([("factor", factor), ("originalLength", Double(originalLength))])
    case .yarn(let yarn):
      try requirePositive([
        ("factor", yarn.factor), ("originalLength", Double(yarn.originalLength)),
        ("betaFast", yarn.betaFast), ("betaSlow", yarn.betaSlow),
      ])
      // Zero is allowed, as in configuration files, where it means "not given".
      for (name, number) in [
        ("attentionFactor", yarn.attentionFactor), ("mscale", yarn.mscale),
        ("mscaleAllDimensions", yarn.mscaleAllDimensions),
      ] {
        guard let number, !(number >= 0 && number.isFinite) else { continue }
        throw AttentionError.argument(
          name, reason: "expected a finite number of at least 0, got \(number)")
      }
      guard yarn.betaFast >= yarn.betaSlow else {
        throw AttentionError.argument(
          "betaFast", reason: "\(yarn.betaFast) is less than betaSlow, \(yarn.betaSlow)")
      }
    case .llama3(let llama3):
      try requirePositive([
        ("factor", llama3.factor), ("lowFrequencyFactor", llama3.lowFrequencyFactor),
        ("highFrequencyFactor", llama3.highFrequencyFactor),
        ("originalLength", Double(llama3.originalLength)),
      ])
      guard llama3.highFrequencyFactor > llama3.lowFrequencyFactor else {
        throw AttentionError.argument(
          "highFrequencyFactor",
          reason: "\(llama3.highFrequencyFactor) is not more than lowFrequencyFactor, "
            + "\(llama3.lowFrequencyFactor)")
      }
    }
  }

  private func requirePositive(_ numbers: [(name: String, value: Double)]) throws {
    for (name, value) in numbers where !(value > 0 && value.isFinite) {
      throw AttentionError.argument(name, reason: "expected a positive number, got \(value)")
    }
  }
}
