import Attention
import Foundation

/// Position embeddings that a formula computes: sines of the position in the first features, cosines in the
/// others.
///
///     P[p, i] = sin(p ωᵢ),  P[p, s + i] = cos(p ωᵢ)
///
/// - Source: Vaswani et al. 2017, section 3.5; the order of the features as in `transformers`.
struct SinusoidalPositions: Sendable {
  /// The ωᵢ of the families.
  enum Formula: Sendable {
    /// ωᵢ = 10000^(−2i/d), in double precision: Marian and Pegasus. If d is odd, there is one cosine less.
    case marian
    /// ωᵢ = 10000^(−i/(d/2 − 1)), in single precision as in the reference library: M2M-100. If d is odd, the
    /// last feature is 0.
    case fairseq
  }

  /// d, the number of features.
  let hiddenSize: Int
  private let formula: Formula
  /// ωᵢ of each sine, i = 0, 1, …
  private let frequencies: [Double]

  /// - Throws: `AttentionError.argument` naming "hiddenSize" if the formula divides by 0.
  init(hiddenSize: Int, formula: Formula) throws {
    self.hiddenSize = hiddenSize
    self.formula = formula
    switch formula {
    case .marian:
      frequencies = (0..<(hiddenSize + 1) / 2).map {
        1 / pow(10_000, 2 * Double($0) / Double(hiddenSize))
      }
    case .fairseq:
      let count = hiddenSize / 2
      guard count != 1 else {
        throw AttentionError.argument(
          "hiddenSize", reason: "expected at least 4 for sinusoidal positions, got \(hiddenSize)")
      }
      let step = Float(-log(10_000) / Double(count - 1))
      frequencies = (0..<count).map { Double(Float(exp(Double(Float($0) * step)))) }
    }
  }

  /// P, `[position, hiddenSize]`, of the given positions.
  ///
  /// - Parameter positions: nil has a row of zeros.
  /// - Throws: `AttentionError.memory`.
  func rows(_ positions: some Collection<Int?>) throws -> Tensor {
    var tensor = try Tensor(shape: [positions.count, hiddenSize], repeating: 0)
    try tensor.withMutableSpan { scalars in
      for (row, position) in positions.enumerated() {
        guard let position else { continue }
        for (index, frequency) in frequencies.enumerated() {
          let angle = angle(position, frequency)
          scalars[row * hiddenSize + index] = Float(sin(angle))
          guard frequencies.count + index < hiddenSize else { continue }
          scalars[row * hiddenSize + frequencies.count + index] = Float(cos(angle))
        }
      }
    }
    return tensor
  }

  private func angle(_ position: Int, _ frequency: Double) -> Double {
    switch formula {
    case .marian: Double(position) * frequency
    case .fairseq: Double(Float(position) * Float(frequency))
    }
  }
}
