import RealModule

extension RotaryEmbedding {
  /// ωᵢ for each pair after scaling: the rotation per position, in radians.
  ///
  /// Every step is rounded to single precision where Hugging Face's code rounds. The results are
  /// therefore the frequencies that models were trained with, except for last bits in which the
  /// power functions differ.
  ///
  /// - Parameter sequenceLength: the length for `RotaryScaling.dynamicNTK(factor:originalLength:)` and
  ///   `RotaryScaling.longRoPE(_:)`; the other scalings ignore it.
  /// - Returns: `rotaryDimension / 2` frequencies.
  public func inverseFrequencies(sequenceLength: Int = 0) -> [Float] {
    frequencies(sequenceLength: sequenceLength)
  }

  /// The same frequencies without rounding, to measure errors.
  package func exactInverseFrequencies(sequenceLength: Int = 0) -> [Double] {
    frequencies(sequenceLength: sequenceLength)
  }

  /// The formulas of `RotaryScaling`, with each intermediate result rounded to `Scalar`.
  private func frequencies<Scalar: BinaryFloatingPoint>(sequenceLength: Int) -> [Scalar] {
    switch scaling {
    case .none:
      return wavelengths(base: base).map { 1 / $0 }
    case .linear(let factor):
      return wavelengths(base: base).map { 1 / $0 / Scalar(factor) }
    case .ntkAware(let factor):
      return wavelengths(base: base * .pow(factor, baseExponent)).map { 1 / $0 }
    case .fixedNTK(let factor):
      let divisor = Scalar(Double.pow(factor, 2 / Double(rotaryDimension)))
      return wavelengths(base: base * factor).map { 1 / $0 / divisor }
    case .dynamicNTK(let factor, let originalLength):
      guard sequenceLength > originalLength else {
        return wavelengths(base: base).map { 1 / $0 }
      }
      let stretch: Scalar =
        Scalar(factor) * Scalar(sequenceLength) / Scalar(originalLength) - Scalar(factor - 1)
      let power = Scalar(Double.pow(Double(stretch), baseExponent))
      return wavelengths(base: Double(Scalar(base) * power)).map { 1 / $0 }
    case .yarn(let yarn):
      let range = yarn.range(base: base, dimension: rotaryDimension)
      let width = Scalar(range.high - range.low)
      return wavelengths(base: base).enumerated().map { pair, wavelength in
        let ramp: Scalar = min(max((Scalar(pair) - Scalar(range.low)) / width, 0), 1)
        let kept: Scalar = 1 - ramp
        let interpolated = 1 / (Scalar(yarn.factor) * wavelength)
        return interpolated * (1 - kept) + 1 / wavelength * kept
      }
    case .llama3(let llama3):
      return wavelengths(base: base).map { llama3.scaled(1 / $0) }
    case .longRoPE(let longRoPE):
      return zip(wavelengths(base: base), longRoPE.factors(length: sequenceLength)).map {
        1 / (Scalar($1) * $0)
      }
    }
  }

  /// base^(2i/d) for each pair i: its wavelength divided by 2π. The power is computed in Double.
  private func wavelengths<Scalar: BinaryFloatingPoint>(base: Double) -> [Scalar] {
    (0..<rotaryDimension / 2).map { pair in
      let exponent = Scalar(2 * pair) / Scalar(rotaryDimension)
      // The result for pair 0 is 1 even for an infinite base, which NTK scaling of two dimensions
      // gives.
      return pair == 0 ? 1 : Scalar(Double.pow(base, Double(exponent)))
    }
  }

  /// d / (d − 2). With the base multiplied by factor^(d/(d−2)), the slowest pair rotates exactly
  /// `factor` times slower.
  private var baseExponent: Double { Double(rotaryDimension) / Double(rotaryDimension - 2) }
}

extension RotaryScaling {
  /// m, the factor of cosines and sines.
  var attentionFactor: Double {
    if case .longRoPE(let longRoPE) = self { return longRoPE.attentionFactor }
    guard case .yarn(let yarn) = self else { return 1 }
    if let given = yarn.attentionFactor { return given }
    func logarithmic(_ scale: Double) -> Double {
      yarn.factor <= 1 ? 1 : 0.1 * scale * .log(yarn.factor) + 1
    }
    guard let above = yarn.mscale, let below = yarn.mscaleAllDimensions, above != 0, below != 0
    else { return logarithmic(1) }
    return logarithmic(above) / logarithmic(below)
  }
}

extension YaRNScaling {
  /// The first and last pair of the ramp.
  fileprivate func range(base: Double, dimension: Int) -> (low: Double, high: Double) {
    func pair(turning times: Double) -> Double {
      Double(dimension) * .log(Double(originalLength) / (times * 2 * .pi)) / (2 * .log(base))
    }
    var (low, high) = (pair(turning: betaFast), pair(turning: betaSlow))
    if truncatesRange { (low, high) = (low.rounded(.down), high.rounded(.up)) }
    (low, high) = (max(low, 0), min(high, Double(dimension - 1)))
    return (low, low == high ? high + 0.001 : high)
  }
}

extension Llama3Scaling {
  fileprivate func scaled<Scalar: BinaryFloatingPoint>(_ frequency: Scalar) -> Scalar {
    let length = Double(originalLength)
    let wavelength: Scalar = 1 / frequency * Scalar(2 * Double.pi)
    if wavelength < Scalar(length / highFrequencyFactor) { return frequency }
    if wavelength > Scalar(length / lowFrequencyFactor) { return frequency / Scalar(factor) }
    let turns: Scalar = 1 / wavelength * Scalar(length)
    let share: Scalar =
      (turns - Scalar(lowFrequencyFactor)) / Scalar(highFrequencyFactor - lowFrequencyFactor)
    return (1 - share) * frequency / Scalar(factor) + share * frequency
  }
}
