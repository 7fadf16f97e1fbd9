/// The content of a NumPy `.npy` file: a shape, and elements of one of six types.
///
/// `Tensor(npy:)` reads floating-point arrays and `BooleanTensor(npy:)` reads masks. Use `NPYArray`
/// for other arrays, for example token ids.
///
/// ```swift
/// let ids = try NPYArray(contentsOf: "ids.npy")
/// if case .int64(let ids) = ids.elements { … }
/// ```
public struct NPYArray: Sendable, Equatable {
  /// The elements in row-major order.
  public enum Elements: Sendable, Equatable {
    /// `float16` as bit patterns, because Swift's `Float16` is not available on every platform.
    case float16(bitPatterns: [UInt16])
    /// `float32`.
    case float32([Float])
    /// `float64`.
    case float64([Double])
    /// `int32`.
    case int32([Int32])
    /// `int64`.
    case int64([Int64])
    /// `bool`.
    case bool([Bool])

    /// The number of elements.
    public var count: Int {
      switch self {
      case .float16(let elements): elements.count
      case .float32(let elements): elements.count
      case .float64(let elements): elements.count
      case .int32(let elements): elements.count
      case .int64(let elements): elements.count
      case .bool(let elements): elements.count
      }
    }

    var type: NPYType {
      switch self {
      case .float16: .float16
      case .float32: .float32
      case .float64: .float64
      case .int32: .int32
      case .int64: .int64
      case .bool: .bool
      }
    }
  }

  /// The extents, slowest-varying first; `[]` for a single element.
  public let shape: Shape
  /// The elements in row-major order.
  public let elements: Elements

  /// An array of the given shape over `elements`.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` if the number of elements differs from the
  ///   element count of the shape, or an extent is negative; ``AttentionError/overflow(_:)``.
  public init(shape: Shape, elements: Elements) throws {
    let expected = try shape.elementCount()
    guard elements.count == expected else {
      throw AttentionError.argument(
        "elements", reason: "expected \(expected) for shape \(shape), got \(elements.count)")
    }
    self.shape = shape
    self.elements = elements
  }
}
