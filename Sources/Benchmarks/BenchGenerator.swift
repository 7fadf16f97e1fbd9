import Attention
import AttentionModels
import Foundation

/// Generates random inputs, the same in every run.
package struct BenchGenerator {
  private var source: SplitMix64

  package init(seed: UInt64) {
    source = SplitMix64(seed: seed)
  }

  /// A uniform number in (0, 1].
  private mutating func uniform() -> Float {
    Float((source.next() >> 40) + 1) * 0x1p-24
  }

  /// A tensor of uniform numbers in ±√3 · deviation. Faster than `normalTensor`.
  package mutating func uniformTensor(_ shape: Shape, deviation: Float) throws -> Tensor {
    let factor = 2 * Float(3).squareRoot() * deviation
    return try Tensor(shape: shape) { scalars in
      for index in scalars.indices { scalars[index] = factor * (uniform() - 0.5) }
    }
  }

  /// A tensor of numbers from N(0, deviation²), by the Box–Muller transform.
  package mutating func normalTensor(_ shape: Shape, deviation: Float = 1) throws -> Tensor {
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
