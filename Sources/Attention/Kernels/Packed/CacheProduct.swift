import CKernels

/// A few rows against keys or values in place, as the kernels in C read it: for decoding, which is bound by
/// memory, and for products of few rows.
///
/// A key has `heads` heads side by side. Each head has the same number of consecutive rows.
package typealias CacheProduct = vector_cache_product

extension CacheProduct {
  /// - Parameters:
  ///   - heads: the heads of a key; they divide the rows.
  ///   - inputs: queries `[rows, dimension]`, or weights `[rows, keys]`.
  ///   - cache: keys or values, `[keys, heads, dimension]`.
  ///   - scale: a factor on scores; weighted sums ignore it.
  ///   - output: scores `[rows, keys]`, which are overwritten, or sums `[rows, dimension]`, which are
  ///     added to.
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
