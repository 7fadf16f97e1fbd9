import Attention
import Foundation

extension SeededGenerator {
  /// A random number from N(0, 1), by the Box–Muller method.
  package mutating func normal() -> Float {
    let radius = (-2 * log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &self)))
      .squareRoot()
    return Float(radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self)))
  }

  /// A tensor of random numbers from N(0, 1).
  package mutating func normalTensor(_ shape: Shape) throws -> Tensor {
    let count = try shape.elementCount()
    return try Tensor(shape: shape, scalars: (0..<count).map { _ in normal() })
  }
}
