import Attention
import Foundation

/// SplitMix64: the same inputs in every run.
struct BenchGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Above 0, up to 1.
  private mutating func uniform() -> Float {
    Float((next() >> 40) + 1) * 0x1p-24
  }

  /// Draws from all numbers between ±√3 · deviation alike: quicker than `normalTensor`.
  mutating func uniformTensor(_ shape: Shape, deviation: Float) throws -> Tensor {
    let factor = 2 * Float(3).squareRoot() * deviation
    return try Tensor(shape: shape) { scalars in
      for index in scalars.indices { scalars[index] = factor * (uniform() - 0.5) }
    }
  }

  /// Draws from N(0, deviation²), by Box and Muller.
  mutating func normalTensor(_ shape: Shape, deviation: Float = 1) throws -> Tensor {
    try Tensor(shape: shape) { scalars in
      var index = 0
      while index < scalars.count {
        let radius = deviation * (-2 * log(uniform())).squareRoot()
        let angle = 2 * Float.pi * uniform()
        scalars[index] = radius * cos(angle)
        if index + 1 < scalars.count { scalars[index + 1] = radius * sin(angle) }
        index += 2
      }
    }
  }
}
