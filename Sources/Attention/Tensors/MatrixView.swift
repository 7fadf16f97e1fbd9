/// A matrix inside a tensor: where it starts, its extents, and how far apart its rows are.
///
/// This is how rows, columns and heads are reached without copying: a head of `[token, head,
/// dimension]` is a matrix `[token, dimension]` whose rows stand `head · dimension` scalars apart,
/// which BLAS calls the leading dimension. A view keeps its tensor's storage alive and, like a
/// tensor, is a value: writing to the tensor later does not change it.
public struct MatrixView: Sendable {
  /// Rows, as seen through `isTransposed`.
  public var rowCount: Int { isTransposed ? storedColumnCount : storedRowCount }
  /// Columns, as seen through `isTransposed`.
  public var columnCount: Int { isTransposed ? storedRowCount : storedColumnCount }
  /// `[rowCount, columnCount]`.
  public var shape: Shape { [rowCount, columnCount] }
  /// How many scalars lie between the starts of two stored rows.
  public let leadingDimension: Int
  /// Whether rows and columns are exchanged on reading; the memory stays as it is.
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

  /// The same matrix with rows and columns exchanged, without copying.
  public var transposed: MatrixView {
    MatrixView(
      storage: storage, offset: offset, rowCount: storedRowCount, columnCount: storedColumnCount,
      leadingDimension: leadingDimension, isTransposed: !isTransposed)
  }

  /// Calls `body` with the first stored scalar's address, valid only during the call.
  package func withUnsafeBase<Result>(
    _ body: (UnsafePointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) { try body(storage.base + offset) }
  }

  /// The scalar at a row and a column.
  ///
  /// - Throws: `AttentionError.argument` when either is out of range.
  public subscript(row: Int, column: Int) -> Float {
    get throws {
      guard row >= 0, row < rowCount, column >= 0, column < columnCount else {
        throw AttentionError.argument(
          "indices", reason: "[\(row), \(column)] is out of range for shape \(shape)")
      }
      let (storedRow, storedColumn) = isTransposed ? (column, row) : (row, column)
      return storage.base[offset + storedRow * leadingDimension + storedColumn]
    }
  }
}

extension Tensor {
  /// This matrix `[row, column]` as a view.
  ///
  /// - Throws: `AttentionError.shape` unless the rank is 2.
  public func matrix() throws -> MatrixView {
    guard shape.rank == 2 else {
      throw AttentionError.shape(argument: "matrix", expected: "rank 2", got: shape)
    }
    return MatrixView(
      storage: storage, offset: offset, rowCount: shape[0], columnCount: shape[1],
      leadingDimension: shape[1])
  }

  /// A range of the columns of this matrix `[row, column]`, without copying.
  ///
  /// - Returns: a view `[row, range.count]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` unless the rank is 2;
  ///   ``AttentionError/argument(_:reason:)`` when the range leaves the columns.
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
  /// - Throws: `AttentionError.shape` unless the rank is 3; `AttentionError.argument` when there is
  ///   no such head.
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

  /// The view's scalars as a matrix of their own, `[row, column]`, copied row by row.
  ///
  /// - Throws: ``AttentionError/memory(byteCount:purpose:)``.
  public init(_ view: MatrixView) throws {
    try self.init(shape: view.shape) { buffer in
      guard !buffer.isEmpty else { return }  // there may be Int.max rows of no columns
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
