/// The size of a tensor along each axis, in row-major order: `[token, feature]`,
/// `[token, head, dimension]`.
///
/// The empty shape `[]` is the shape of a scalar: one element.
public struct Shape: Hashable, Sendable {
  /// The size along each axis.
  public let dimensions: [Int]

  /// A shape with the given dimensions, which are validated when storage is allocated: see
  /// ``elementCount()``.
  public init(_ dimensions: [Int]) {
    self.dimensions = dimensions
  }

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// The size along an axis from 0 to ``rank`` − 1. As with an array, an index out of range is a
  /// programming error.
  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// The product of the dimensions; 1 for `[]`.
  ///
  /// - Throws: `AttentionError.argument` for a negative dimension; `AttentionError.overflow` if the
  ///   product of the nonzero dimensions exceeds `Int`.
  public func elementCount() throws -> Int {
    if let negative = dimensions.first(where: { $0 < 0 }) {
      throw AttentionError.argument("shape", reason: "negative dimension \(negative) in \(self)")
    }
    // Skip zeros, as NumPy does, so that the strides of an empty tensor do not overflow
    // either.
    var count = 1
    for extent in dimensions where extent != 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else {
        throw AttentionError.overflow("the element count of shape \(self) exceeds \(Int.max)")
      }
      count = product
    }
    return dimensions.contains(0) ? 0 : count
  }
}

extension Shape: ExpressibleByArrayLiteral {
  /// A shape from a literal of its dimensions: `[2, 3]`.
  public init(arrayLiteral dimensions: Int...) {
    self.init(dimensions)
  }
}

extension Shape: CustomStringConvertible {
  /// The dimensions in brackets: `[2, 3]`.
  public var description: String { "\(dimensions)" }
}
