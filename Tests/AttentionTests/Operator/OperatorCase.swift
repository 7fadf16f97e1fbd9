import Attention
import TestSupport

/// Arguments of the operator, drawn from N(0, 1).
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

/// The backends that are fast; each is held against the third, the reference.
let fastBackends = [Backend.openBLAS, .portable]

/// A mask of random truth values, about one in `oneIn` false.
func randomMask(_ shape: Shape, oneIn: Int = 3, seed: UInt64 = 7) throws -> BooleanTensor {
  var generator = SeededGenerator(seed: seed)
  return try BooleanTensor(
    shape: shape,
    elements: (0..<shape.elementCount()).map { _ in
      Int.random(in: 0..<oneIn, using: &generator) != 0
    })
}
