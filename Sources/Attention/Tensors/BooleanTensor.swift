/// Booleans in row-major order with a shape, for example a mask: which query may attend to which
/// key.
public struct BooleanTensor: Sendable, Equatable {
  /// The extents, slowest-varying first.
  public let shape: Shape
  /// The booleans in row-major order.
  public let elements: [Bool]

  /// A tensor of the given shape over `elements` in row-major order.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` if the number of elements differs from the
  ///   element count of the shape, or an extent is negative; ``AttentionError/overflow(_:)``.
  public init(shape: Shape, elements: [Bool]) throws {
    let expected = try shape.elementCount()
    guard elements.count == expected else {
      throw AttentionError.argument(
        "elements", reason: "expected \(expected) for shape \(shape), got \(elements.count)")
    }
    self.shape = shape
    self.elements = elements
  }

  private init(shape: Shape, checked elements: [Bool]) {
    self.shape = shape
    self.elements = elements
  }

  /// Every element negated. Converts between a mask of hidden positions and a mask of kept
  /// positions.
  public var inverted: BooleanTensor {
    BooleanTensor(shape: shape, checked: elements.map { !$0 })
  }

  /// Reads a `bool` array from the `.npy` file at `path`.
  ///
  /// - Throws: ``AttentionError/file(path:reason:)`` if the file cannot be read, is damaged, or has
  ///   another element type (the message names it); ``AttentionError/memory(byteCount:purpose:)``.
  /// - Source: NumPy's `numpy.lib.format`.
  public init(npy path: String) throws {
    let array = try NPYArray(contentsOf: path)
    guard case .bool(let elements) = array.elements else {
      throw AttentionError.file(
        path: path, reason: "expected dtype 'b1', got '\(array.elements.type.rawValue)'")
    }
    self.shape = array.shape
    self.elements = elements
  }

  /// Writes the tensor to `path` as `bool`, with the same bytes as `numpy.save`.
  ///
  /// - Throws: as ``NPYArray/write(to:)``.
  public func writeNPY(to path: String) throws {
    try NPYArray(shape: shape, elements: .bool(elements)).write(to: path)
  }
}
