/// Float32 scalars in row-major order with a shape. Layers and the attention functions take and
/// return tensors.
///
/// A tensor is a value: a copy is cheap and shares memory until one of the copies is written to.
/// The storage is aligned to 64 bytes. A tensor from `rows(_:)` shares the storage of its parent
/// and may start at any scalar of it.
///
/// ```swift
/// let queries = try Tensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6])
/// let last = queries[1, 2]  // 6
/// ```
public struct Tensor: Sendable {
  /// The extents, slowest-varying first.
  public let shape: Shape
  /// The number of scalars: the product of the extents.
  public let count: Int

  var storage: TensorStorage
  /// The position of this tensor's first scalar in `storage`.
  var offset: Int

  init(shape: Shape, count: Int, storage: TensorStorage, offset: Int) {
    self.shape = shape
    self.count = count
    self.storage = storage
    self.offset = offset
  }

  /// A tensor whose scalars `initialize` writes. `initialize` must write every scalar.
  ///
  /// - Throws: for a negative extent, an overflowing element count or a failed allocation; rethrows
  ///   errors of `initialize`.
  package init(
    shape: Shape, initializing initialize: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws {
    let count = try shape.elementCount()
    let storage = try TensorStorage(
      uninitializedCount: count, purpose: "a tensor of shape \(shape)")
    try initialize(UnsafeMutableBufferPointer(start: storage.base, count: count))
    self.init(shape: shape, count: count, storage: storage, offset: 0)
  }

  /// A tensor of the given shape with `scalars` in row-major order.
  ///
  /// - Parameters:
  ///   - shape: the extents.
  ///   - scalars: one per element, the last axis varying fastest.
  /// - Throws: ``AttentionError/argument(_:reason:)`` if the number of scalars differs from the
  ///   element count of the shape, or an extent is negative; ``AttentionError/overflow(_:)``;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public init(shape: Shape, scalars: some Collection<Float>) throws {
    let expected = try shape.elementCount()
    guard scalars.count == expected else {
      throw AttentionError.argument(
        "scalars", reason: "expected \(expected) for shape \(shape), got \(scalars.count)")
    }
    try self.init(shape: shape) { buffer in
      _ = buffer.initialize(from: scalars)
    }
  }

  /// A tensor in which every scalar is `value`.
  ///
  /// - Parameters:
  ///   - shape: the extents.
  ///   - value: any number.
  /// - Throws: ``AttentionError/argument(_:reason:)`` for a negative extent;
  ///   ``AttentionError/overflow(_:)``; ``AttentionError/memory(byteCount:purpose:)``.
  public init(shape: Shape, repeating value: Float) throws {
    try self.init(shape: shape) { buffer in
      try Cancellation.forEachRange(
        of: buffer.count, length: Tuning.Memory.scalarsBetweenChecks
      ) {
        UnsafeMutableBufferPointer(rebasing: buffer[$0]).initialize(repeating: value)
      }
    }
  }

  /// A matrix `[row, column]` from its rows, which must have equal lengths.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` with the first row of another length;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public init(rows: [[Float]]) throws {
    let width = rows.first?.count ?? 0
    if let odd = rows.firstIndex(where: { $0.count != width }) {
      throw AttentionError.argument(
        "rows", reason: "row \(odd) has \(rows[odd].count) scalars, row 0 has \(width)")
    }
    try self.init(shape: [rows.count, width], scalars: Array(rows.joined()))
  }
}

// MARK: - Reading

extension Tensor {
  /// A copy of the scalars in row-major order.
  public var scalars: [Float] {
    withUnsafeScalars { Array($0) }
  }

  /// The scalar at one index per axis, such as `tensor[1, 2]`.
  ///
  /// As with an array, an index that is out of range, or a wrong number of indices, is a programming
  /// error and ends the process.
  public subscript(_ indices: Int...) -> Float {
    precondition(
      indices.count == shape.rank, "\(indices.count) indices for a tensor of shape \(shape)")
    var position = 0
    for (index, extent) in zip(indices, shape.dimensions) {
      precondition(
        index >= 0 && index < extent, "\(indices) is out of range for a tensor of shape \(shape)")
      position = position * extent + index
    }
    return withUnsafeScalars { $0[position] }
  }

  /// The scalars at one index of the first axis, copied: of a matrix, a row.
  ///
  /// As with an array, an index that is out of range is a programming error and ends the process.
  public func row(_ index: Int) -> [Float] {
    precondition(shape.rank > 0, "a tensor of shape [] has no rows")
    precondition(
      index >= 0 && index < shape[0], "row \(index) is out of range for a tensor of shape \(shape)")
    let rowSize = count / shape[0]
    return withUnsafeScalars { Array($0[(index * rowSize)..<((index + 1) * rowSize)]) }
  }

  /// The scalars at each index of the first axis, copied: the rows of a matrix. Empty for shape `[]`.
  public var rows: [[Float]] {
    shape.rank == 0 ? [] : (0..<shape[0]).map(row)
  }

  /// Calls `body` with the scalars in row-major order, without copying them.
  public func withSpan<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
    try withUnsafeScalars { try body($0.span) }
  }

  /// Calls `body` with a pointer to the scalars, valid only during the call.
  package func withUnsafeScalars<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: storage.base + offset, count: count))
    }
  }
}

// MARK: - Writing

extension Tensor {
  /// Calls `body` with the scalars, which `body` may change in place. Copies them first if they are
  /// shared.
  ///
  /// - Throws: ``AttentionError/memory(byteCount:purpose:)`` if a copy is needed and its allocation
  ///   fails; rethrows errors of `body`.
  public mutating func withMutableSpan<Result>(
    _ body: (inout MutableSpan<Float>) throws -> Result
  ) throws -> Result {
    try withUnsafeMutableScalars { buffer in
      var span = buffer.mutableSpan
      return try body(&span)
    }
  }

  /// Calls `body` with a pointer to the scalars, which `body` may change in place. The pointer is
  /// valid only during the call.
  package mutating func withUnsafeMutableScalars<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = try TensorStorage(
        uninitializedCount: count, purpose: "a copy of a tensor of shape \(shape)")
      try copy.base.initializeChecked(from: storage.base + offset, count: count)
      storage = copy
      offset = 0
    }
    return try body(UnsafeMutableBufferPointer(start: storage.base + offset, count: count))
  }
}

// MARK: - Reshaping

extension Tensor {
  /// The same scalars with another shape, without copying.
  ///
  /// - Parameter newShape: a shape with the same number of elements.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the element counts differ;
  ///   ``AttentionError/argument(_:reason:)`` for a negative extent.
  public func reshaped(to newShape: Shape) throws -> Tensor {
    guard try newShape.elementCount() == count else {
      throw AttentionError.shape(
        argument: "reshaped(to:)", expected: "\(count) elements", got: newShape)
    }
    return Tensor(shape: newShape, count: count, storage: storage, offset: offset)
  }

  /// A range of the first axis, without copying: rows of a matrix, tokens of a sequence.
  ///
  /// - Returns: `[range.count, …]`; the other extents do not change.
  /// - Throws: ``AttentionError/argument(_:reason:)`` if the range exceeds the first axis.
  public func rows(_ range: Range<Int>) throws -> Tensor {
    guard shape.rank >= 1, range.lowerBound >= 0, range.upperBound <= shape[0] else {
      throw AttentionError.argument(
        "rows", reason: "\(range) is out of range for shape \(shape)")
    }
    let rowCount = shape[0] == 0 ? 0 : count / shape[0]
    return Tensor(
      shape: Shape([range.count] + shape.dimensions.dropFirst()), count: range.count * rowCount,
      storage: storage, offset: offset + range.lowerBound * rowCount)
  }
}

extension Tensor: Equatable {
  /// Equal shapes and equal scalars. Scalars compare as numbers: NaN is not equal to itself, −0
  /// equals 0.
  public static func == (left: Tensor, right: Tensor) -> Bool {
    left.shape == right.shape
      && left.withUnsafeScalars { a in right.withUnsafeScalars { b in a.elementsEqual(b) } }
  }
}
