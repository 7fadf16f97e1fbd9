import CKernels

/// Products of a few queries with many vectors of few bits per feature, for search. The C kernels read this
/// struct.
package typealias CodeProduct = vector_code_product

extension CodeProduct {
  /// - Parameters:
  ///   - rows: the number of vectors.
  ///   - queries: the number of queries.
  ///   - length: the number of bytes of a vector, at most 2¹⁷.
  ///   - codes: the vectors, `[rows, length]`.
  ///   - stride: the number of bytes from one vector to the next.
  ///   - inputs: the queries: `[queries, 2 · length]` of int8, or their bits, `[queries, length]`.
  ///   - output: `[queries, rows]`.
  package init(
    rows: Int, queries: Int = 1, length: Int, codes: UnsafeRawPointer, stride: Int,
    inputs: UnsafeRawPointer, output: UnsafeMutablePointer<Int32>, outputStride: Int
  ) {
    self.init(
      rows: rows, queries: queries, length: length, codes: codes, stride: stride, inputs: inputs,
      result: output, result_stride: outputStride)
  }

  /// The bytes of a vector.
  func code(_ row: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: codes + row * stride, count: length)
  }

  /// The bytes of a query.
  ///
  /// - Parameter count: the number of bytes of each query.
  func query(_ index: Int, count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: inputs + index * count, count: count)
  }
}
