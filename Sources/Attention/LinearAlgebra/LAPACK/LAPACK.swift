import CLAPACKE

/// The only file that calls LAPACK by its C names. Matrices are column-major here.
///
/// LAPACK computes with OpenBLAS, so calls go through `OpenBLAS.shared`. With NaN or infinity, some
/// of its iterations never end, so callers check for them first.
enum LAPACK {
  /// Replaces a tall matrix A, `[row, column]` and column-major, by Q of A = Q R, with the signs that
  /// make R's diagonal positive.
  ///
  /// - Throws: `AttentionError.overflow` if a size exceeds LAPACK's 32-bit integers.
  static func orthonormalizeColumns(
    of matrix: UnsafeMutablePointer<Float>, rowCount: Int, columnCount: Int
  ) throws {
    let m = try size(rowCount)
    let n = try size(columnCount)
    guard n > 0 else { return }
    var scales = [Float](repeating: 0, count: columnCount)
    try withWorkspace("sgeqrf", Float.self) { work, count in
      LAPACKE_sgeqrf_work(LAPACK_COL_MAJOR, m, n, matrix, m, &scales, work, count)
    }
    let isFlipped = (0..<columnCount).map { matrix[$0 * rowCount + $0] < 0 }
    try withWorkspace("sorgqr", Float.self) { work, count in
      LAPACKE_sorgqr_work(LAPACK_COL_MAJOR, m, n, n, matrix, m, scales, work, count)
    }
    for column in 0..<columnCount where isFlipped[column] {
      for row in 0..<rowCount { matrix[column * rowCount + row].negate() }
    }
  }

  /// The singular values of a matrix, `[row, column]` and column-major, in descending order. The
  /// matrix is overwritten.
  ///
  /// - Throws: `AttentionError.overflow` if a size exceeds LAPACK's 32-bit integers;
  ///   `AttentionError.argument` if the iteration does not converge.
  static func singularValues(
    of matrix: UnsafeMutablePointer<Double>, rowCount: Int, columnCount: Int
  ) throws -> [Double] {
    let m = try size(rowCount)
    let n = try size(columnCount)
    let count = min(rowCount, columnCount)
    guard count > 0 else { return [] }
    var values = [Double](repeating: 0, count: count)
    var integers = [Int32](repeating: 0, count: 8 * count)
    // Without singular vectors their arrays are not used, but LAPACK requires leading dimensions of at
    // least 1.
    var leftVectors = 0.0
    var rightVectors = 0.0
    try withWorkspace("dgesdd", Double.self) { work, workCount in
      LAPACKE_dgesdd_work(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "N")), m, n, matrix, m, &values, &leftVectors,
        1, &rightVectors, 1, work, workCount, &integers)
    }
    return values
  }

  /// The largest eigenvalues of a symmetric matrix in ascending order, and their vectors, `[vector, element]`. The
  /// matrix is overwritten.
  ///
  /// - Throws: `AttentionError.overflow` if a size exceeds LAPACK's 32-bit integers;
  ///   `AttentionError.argument` if the iteration does not converge.
  static func largestEigenvectors(
    _ count: Int, of matrix: UnsafeMutablePointer<Double>, size order: Int
  ) throws -> (values: [Double], vectors: [Double]) {
    let n = try size(order)
    let count = min(count, order)
    guard count > 0 else { return ([], []) }
    var values = [Double](repeating: 0, count: order)
    var vectors = [Double](repeating: 0, count: count * order)
    var support = [Int32](repeating: 0, count: 2 * count)
    var integers = [Int32](repeating: 0, count: 10 * order)
    let integerCount = Int32(integers.count)
    var found: Int32 = 0
    try withWorkspace("dsyevr", Double.self) { work, workCount in
      LAPACKE_dsyevr_work(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "I")),
        CChar(UInt8(ascii: "U")), n, matrix, n, 0, 0, n - Int32(count) + 1, n, 0, &found,
        &values, &vectors, n, &support, work, workCount, &integers, integerCount)
    }
    return (Array(values.prefix(count)), vectors)
  }

  private static func size(_ value: Int) throws -> Int32 {
    guard let size = Int32(exactly: value) else {
      throw AttentionError.overflow("a matrix size of \(value) exceeds LAPACK's \(Int32.max)")
    }
    return size
  }

  /// Queries the size of the work memory that a routine needs, then runs the routine.
  ///
  /// - Parameter routine: the call, with work memory and its length. With length −1, the routine only
  ///   writes the length that it needs into the first element.
  private static func withWorkspace<Scalar: BinaryFloatingPoint>(
    _ name: String, _: Scalar.Type,
    _ routine: (UnsafeMutablePointer<Scalar>, Int32) -> Int32
  ) throws {
    guard OpenBLAS.shared.hasMemory else {
      throw AttentionError.memory(byteCount: BufferMemory.byteCount, purpose: "LAPACK")
    }
    try OpenBLAS.shared.withEntry {
      var length: Scalar = 0
      try check(routine(&length, -1), name)
      guard let count = Int32(exactly: length.rounded(.up)), count >= 0 else {
        throw AttentionError.overflow("\(name) needs \(length) scalars of work memory")
      }
      try requireMemory(count: Int(count), of: Scalar.self, purpose: "work memory of \(name)")
      var work = [Scalar](repeating: 0, count: max(1, Int(count)))
      let status = work.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.map { routine($0, Int32(buffer.count)) } ?? 0
      }
      try check(status, name)
    }
  }

  private static func check(_ status: Int32, _ name: String) throws {
    if status < 0 {
      throw AttentionError.argument(
        name, reason: "LAPACK reports that argument \(-status) is invalid")
    }
    if status > 0 {
      throw AttentionError.argument("matrix", reason: "\(name) did not converge (\(status))")
    }
  }
}
