import Attention
import TestSupport
import Testing

/// Arguments of the operator: random numbers from N(0, 1).
struct OperatorCase: CustomStringConvertible, Sendable {
  var queryCount: Int
  var keyCount: Int
  var headCount = 2
  var keyValueHeadCount = 2
  var keyDimension = 16
  var valueDimension = 16
  var options = AttentionOptions()
  var seed: UInt64 = 1

  var description: String {
    "\(queryCount) queries, \(keyCount) keys, \(headCount)/\(keyValueHeadCount) heads, "
      + "dk \(keyDimension), dv \(valueDimension)"
  }

  struct Arguments {
    var queries: Tensor
    var keys: Tensor
    var values: Tensor
  }

  func arguments() throws -> Arguments {
    var generator = SeededGenerator(seed: seed)
    return Arguments(
      queries: try generator.normalTensor([queryCount, headCount, keyDimension]),
      keys: try generator.normalTensor([keyCount, keyValueHeadCount, keyDimension]),
      values: try generator.normalTensor([keyCount, keyValueHeadCount, valueDimension]))
  }
}

extension OperatorCase {
  /// Compares all results of the operator with the reference.
  func expectReference(
    _ options: AttentionOptions, on backend: Backend, _ name: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let x = try arguments()
    let exact = try ReferenceAttention(
      queries: x.queries, keys: x.keys, values: x.values, options: options)
    let fast = try attention(
      queries: x.queries, keys: x.keys, values: x.values, options: options,
      returning: [.weights, .meanWeights, .logSumExp], on: backend)
    let weights = try #require(fast.weights).scalars
    for (found, expected, bound) in [
      (fast.output.scalars, exact.output, 5e-6), (weights, exact.weights, 2e-6),
      (try #require(fast.meanWeights).scalars, try exact.meanWeights(), 2e-6),
      (try #require(fast.logSumExp).scalars, exact.logSumExp, 5e-6),
    ] {
      #expect(largestDistance(found, expected) <= bound, "\(name)", sourceLocation: location)
    }
    // Exactly 0 where the reference is exactly 0: hidden keys, other sequences, rows without keys.
    let hidden = zip(weights, exact.weights).allSatisfy { $1 != 0 || $0 == 0 }
    #expect(hidden, "\(name)", sourceLocation: location)
  }
}

/// The fast backends. Each is compared with the reference backend.
let fastBackends = [Backend.openBLAS, .native, .portable]

/// A random mask in which about one in `oneIn` elements is false.
func randomMask(_ shape: Shape, oneIn: Int = 3, seed: UInt64 = 7) throws -> BooleanTensor {
  var generator = SeededGenerator(seed: seed)
  return try BooleanTensor(
    shape: shape,
    elements: (0..<shape.elementCount()).map { _ in
      Int.random(in: 0..<oneIn, using: &generator) != 0
    })
}
