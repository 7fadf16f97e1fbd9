/// Truth values in row-major order with a shape: what may attend to what.
public struct BooleanTensor: Sendable, Equatable {
  /// The extents, slowest-varying first.
  public let shape: Shape
  /// The truth values in row-major order.
  public let elements: [Bool]

  /// A tensor of the given shape over `elements` in row-major order.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` when there are more or fewer elements than the
  ///   shape has, or an extent is negative; ``AttentionError/overflow(_:)``.
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

  /// Every truth value turned around: makes a mask that says what to hide into one that says what to
  /// keep, and back.
  public var inverted: BooleanTensor {
    BooleanTensor(shape: shape, checked: elements.map { !$0 })
  }

  /// Reads a `bool` array from the `.npy` file at `path`.
  ///
  /// - Throws: ``AttentionError/file(path:reason:)`` for a file that cannot be read, is damaged, or
  ///   holds another element type, which it names; ``AttentionError/memory(byteCount:purpose:)``.
  /// - Source: NumPy's `numpy.lib.format`.
  public init(npy path: String) throws {
    let array = try NPYArray(contentsOf: path)
    guard case .bool(let elements) = array.elements else {
      throw AttentionError.file(
        path: path, reason: "dtype '\(array.elements.type.rawValue)' where 'b1' is needed")
    }
    self.shape = array.shape
    self.elements = elements
  }

  /// Writes the truth values to `path` as `bool`, byte for byte as `numpy.save` does.
  ///
  /// - Throws: as ``NPYArray/write(to:)``.
  public func writeNPY(to path: String) throws {
    try NPYArray(shape: shape, elements: .bool(elements)).write(to: path)
  }
}
