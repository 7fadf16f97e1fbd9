/// How rotary frequencies change so that a model can read sequences that are longer than in
/// training.
///
/// ωᵢ = base^(−2i/d) is the frequency of pair i of the d rotated features.
///
/// - Source: Hugging Face's `modeling_rope_utils`, with the same names and results; each case cites
///   its paper.
public enum RotaryScaling: Sendable, Hashable {
  /// Unchanged ωᵢ.
  case none

  /// ωᵢ / factor: divides every position by the factor.
  ///
  /// - Source: Chen et al. 2023 (position interpolation).
  case linear(factor: Double)

  /// A larger base, base · factor^(d/(d−2)): the slowest pair rotates `factor` times slower, the
  /// fastest does not change.
  ///
  /// - Source: Peng et al. 2023, section 3.1 (NTK-aware interpolation).
  case ntkAware(factor: Double)

  /// base · factor as the base, and all frequencies divided by factor^(2/d): the slowest pair rotates `factor`
  /// times slower, and the fastest pair factor^(2/d) times slower.
  ///
  /// - Source: Zhang et al. 2024 (mGTE), whose models name it `ntk`.
  case fixedNTK(factor: Double)

  /// A base that grows with the sequence length n if n is larger than `originalLength`:
  /// base · (factor · n / originalLength − (factor − 1))^(d/(d−2)).
  ///
  /// n is the length of each packed sequence. Keys in a cache keep the frequencies of the length at
  /// which they were appended.
  ///
  /// - Source: Peng et al. 2023, section 3.3 (dynamic scaling).
  case dynamicNTK(factor: Double, originalLength: Int)

  /// Interpolates slow pairs, keeps fast pairs, and blends between them; scales cosines and sines.
  case yarn(YaRNScaling)

  /// Interpolates slow pairs, keeps fast pairs, and blends between them by wavelength.
  case llama3(Llama3Scaling)

  /// A separate divisor of each pair, from one of two lists; scales cosines and sines.
  case longRoPE(LongRoPEScaling)
}

/// YaRN: pairs that rotate often within the original length keep their frequency, the frequency of
/// pairs that rotate rarely is divided by the factor, and a linear ramp connects the two:
///
///     ωᵢ ← ωᵢ ((1 − rᵢ) + rᵢ / factor)      rᵢ = clamp((i − low) / (high − low), 0, 1)
///     low, high = d ln(originalLength / (2π β)) / (2 ln base)      with β = betaFast, betaSlow
///
/// Cosines and sines are multiplied by the attention factor m, and therefore scores by m².
///
/// - Source: Peng et al. 2023.
public struct YaRNScaling: Sendable, Hashable {
  /// The factor by which the context grows.
  public var factor: Double
  /// The context length before the extension.
  public var originalLength: Int
  /// A pair that rotates more often than this within the original length keeps its frequency.
  public var betaFast: Double
  /// For a pair that rotates less often than this within the original length, the frequency is
  /// divided by the factor.
  public var betaSlow: Double
  /// m; nil means the value in the paper, computed from the factor, `mscale` and
  /// `mscaleAllDimensions`.
  public var attentionFactor: Double?
  /// Scale of the logarithm in the numerator of m; used only together with `mscaleAllDimensions`.
  public var mscale: Double?
  /// Scale of the logarithm in the denominator of m; used only together with `mscale`.
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
  /// The factor by which slow pairs slow down.
  public var factor: Double
  /// A pair that rotates less often than this within the original length slows by the whole factor.
  public var lowFrequencyFactor: Double
  /// A pair that rotates more often than this within the original length keeps its frequency.
  public var highFrequencyFactor: Double
  /// The context length before the extension.
  public var originalLength: Int

  /// A scaling. Default: the values of Llama 3.1.
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
  /// Validates the parameters, for a number of rotated pairs.
  ///
  /// - Throws: `AttentionError.argument` naming the invalid parameter.
  func validate(pairCount: Int) throws {
    switch self {
    case .none: break
    case .linear(let factor), .ntkAware(let factor), .fixedNTK(let factor):
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
    case .longRoPE(let longRoPE):
      try longRoPE.validate(pairCount: pairCount)
    }
  }

  private func requirePositive(_ numbers: [(name: String, value: Double)]) throws {
    for (name, value) in numbers where !(value > 0 && value.isFinite) {
      throw AttentionError.argument(name, reason: "expected a positive number, got \(value)")
    }
  }
}
