/// The extents of a tensor, slowest-varying first: `[token, feature]`, `[token, head, dimension]`.
///
/// The empty shape `[]` is a scalar: one element.
public struct Shape: Hashable, Sendable {
  /// One extent per axis.
  public let dimensions: [Int]

  /// A shape with the given extents. Extents are checked where storage is made: see
  /// ``elementCount()``.
  public init(_ dimensions: [Int]) {
    self.dimensions = dimensions
  }

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// The extent of an axis from 0 to ``rank`` − 1; any other is a programming error, as with an
  /// array.
  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// The product of the extents; 1 for `[]`.
  ///
  /// - Throws: `AttentionError.argument` for a negative extent, `AttentionError.overflow` when the
  ///   product exceeds `Int`, zero extents left out.
  public func elementCount() throws -> Int {
    if let negative = dimensions.first(where: { $0 < 0 }) {
      throw AttentionError.argument("shape", reason: "negative dimension \(negative) in \(self)")
    }
    // As NumPy does, zeros are left out of the check: an empty tensor's strides must be computable.
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
  /// A shape written as its extents: `[2, 3]`.
  public init(arrayLiteral dimensions: Int...) {
    self.init(dimensions)
  }
}

extension Shape: CustomStringConvertible {
  /// The extents in brackets: `[2, 3]`.
  public var description: String { "\(dimensions)" }
}
