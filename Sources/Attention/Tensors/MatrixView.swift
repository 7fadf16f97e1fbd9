/// A matrix inside a tensor: a start, the extents, and the distance between rows.
///
/// A view gives access to rows, columns and heads without copying. For example, one head of
/// `[token, head, dimension]` is a matrix `[token, dimension]` whose rows are `head · dimension`
/// scalars apart; BLAS calls this distance the leading dimension. A view keeps the tensor's storage
/// alive. A view is a value, like a tensor: later changes of the tensor do not change the view.
public struct MatrixView: Sendable {
  /// The number of rows, after transposition if `isTransposed`.
  public var rowCount: Int { isTransposed ? storedColumnCount : storedRowCount }
  /// The number of columns, after transposition if `isTransposed`.
  public var columnCount: Int { isTransposed ? storedRowCount : storedColumnCount }
  /// `[rowCount, columnCount]`.
  public var shape: Shape { [rowCount, columnCount] }
  /// The number of scalars between the starts of two stored rows.
  public let leadingDimension: Int
  /// Whether rows and columns are exchanged on reading. The memory stays the same.
  public let isTransposed: Bool

  let storedRowCount: Int
  let storedColumnCount: Int
  let storage: TensorStorage
  let offset: Int

  init(
    storage: TensorStorage, offset: Int, rowCount: Int, columnCount: Int, leadingDimension: Int,
    isTransposed: Bool = false
  ) {
    self.storage = storage
    self.offset = offset
    self.storedRowCount = rowCount
    self.storedColumnCount = columnCount
    self.leadingDimension = leadingDimension
    self.isTransposed = isTransposed
  }

  /// The transposed matrix, without copying.
  public var transposed: MatrixView {
    MatrixView(
      storage: storage, offset: offset, rowCount: storedRowCount, columnCount: storedColumnCount,
      leadingDimension: leadingDimension, isTransposed: !isTransposed)
  }

  /// Calls `body` with the address of the first stored scalar, valid only during the call.
  package func withUnsafeBase<Result>(
    _ body: (UnsafePointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) { try body(storage.base + offset) }
  }

  /// The scalar at a row and a column.
  ///
  /// As with an array, an index that is out of range is a programming error and ends the process.
  public subscript(row: Int, column: Int) -> Float {
    precondition(
      row >= 0 && row < rowCount && column >= 0 && column < columnCount,
      "[\(row), \(column)] is out of range for a matrix of shape \(shape)")
    let (storedRow, storedColumn) = isTransposed ? (column, row) : (row, column)
    return withUnsafeBase { $0[storedRow * leadingDimension + storedColumn] }
  }
}

extension Tensor {
  /// This matrix `[row, column]` as a view.
  ///
  /// - Throws: `AttentionError.shape` if the rank is not 2.
  public func matrix() throws -> MatrixView {
    guard shape.rank == 2 else {
      throw AttentionError.shape(argument: "matrix", expected: "rank 2", got: shape)
    }
    return MatrixView(
      storage: storage, offset: offset, rowCount: shape[0], columnCount: shape[1],
      leadingDimension: shape[1])
  }

  /// A range of columns of this matrix `[row, column]`, without copying.
  ///
  /// - Returns: a view `[row, range.count]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the rank is not 2;
  ///   ``AttentionError/argument(_:reason:)`` if the range exceeds the columns.
  public func columns(_ range: Range<Int>) throws -> MatrixView {
    let whole = try matrix()
    guard range.lowerBound >= 0, range.upperBound <= shape[1] else {
      throw AttentionError.argument(
        "columns", reason: "\(range) is out of range for shape \(shape)")
    }
    return MatrixView(
      storage: storage, offset: offset + range.lowerBound, rowCount: whole.rowCount,
      columnCount: range.count, leadingDimension: shape[1])
  }

  /// One head of `[token, head, dimension]` as a matrix `[token, dimension]`, without copying.
  ///
  /// - Throws: `AttentionError.shape` if the rank is not 3; `AttentionError.argument` if `index` is
  ///   out of range.
  public func head(_ index: Int) throws -> MatrixView {
    guard shape.rank == 3 else {
      throw AttentionError.shape(
        argument: "head", expected: "[token, head, dimension]", got: shape)
    }
    guard index >= 0, index < shape[1] else {
      throw AttentionError.argument(
        "head", reason: "\(index) is out of range for the \(shape[1]) heads of shape \(shape)")
    }
    return MatrixView(
      storage: storage, offset: offset + index * shape[2], rowCount: shape[0],
      columnCount: shape[2], leadingDimension: shape[1] * shape[2])
  }

  /// A contiguous copy of the view, `[row, column]`.
  ///
  /// - Throws: ``AttentionError/memory(byteCount:purpose:)``.
  public init(_ view: MatrixView) throws {
    try self.init(shape: view.shape) { buffer in
      guard !buffer.isEmpty else { return }  // a view may have Int.max rows and no columns
      view.withUnsafeBase { base in
        let (rowStep, columnStep) =
          view.isTransposed ? (1, view.leadingDimension) : (view.leadingDimension, 1)
        var position = 0
        for row in 0..<view.rowCount {
          for column in 0..<view.columnCount {
            buffer[position] = base[row * rowStep + column * columnStep]
            position += 1
          }
        }
      }
    }
  }
}
