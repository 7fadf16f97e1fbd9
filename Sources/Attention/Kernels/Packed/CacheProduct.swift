import CKernels

/// A product of a few rows with keys or values, which are read in place: for decoding, which is
/// memory-bound, and for matrix products with few rows. The C kernels read this struct.
///
/// Each key consists of `heads` heads, side by side. Each head belongs to the same number of
/// consecutive rows.
package typealias CacheProduct = vector_cache_product

extension CacheProduct {
  /// - Parameters:
  ///   - heads: the number of heads of a key; it divides `rows`.
  ///   - inputs: queries `[rows, dimension]`, or weights `[rows, keys]`.
  ///   - cache: keys or values, `[keys, heads, dimension]`.
  ///   - scale: the factor of the scores; weighted sums ignore it.
  ///   - output: scores `[rows, keys]`, which are overwritten, or sums `[rows, dimension]`, to which
  ///     the results are added.
  package init(
    rows: Int, heads: Int = 1, keys: Int, dimension: Int, inputs: UnsafePointer<Float>,
    inputStride: Int, cache: UnsafePointer<Float>, cacheStride: Int, scale: Float = 1,
    output: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    self.init(
      rows: rows, heads: heads, keys: keys, dimension: dimension, inputs: inputs,
      input_stride: inputStride, cache: cache, cache_stride: cacheStride, scale: scale,
      result: output, result_stride: outputStride)
  }
}
