import COpenBLAS
import Foundation

/// The only file that calls OpenBLAS by its C names. `OpenBLAS` decides when to call it.
package enum OpenBLASLibrary {
  /// How a build of the library uses threads.
  package enum ThreadMode: Int32, Sendable {
    /// Without threads, and perhaps without locks: concurrent calls may give wrong results.
    case serial = 0
    /// With a pool of POSIX threads.
    case pthreads = 1
    /// With OpenMP, whose settings belong to the calling thread.
    case openMP = 2
  }

  /// The build's thread mode; nil if this package does not know it.
  package static var threadMode: ThreadMode? {
    ThreadMode(rawValue: openblas_get_parallel())
  }

  /// The processor family whose kernels were chosen at run time, such as `Haswell`.
  package static var coreName: String { string(openblas_get_corename()) }

  /// Whether this build contains small-matrix kernels for a core. They are a build option.
  @Sendable static func hasSmallKernels(for core: String) -> Bool {
    let name = "sgemm_small_kernel_nn"
    // The first name is that of a build for many cores, the second that of a build for one core.
    return [name + "_" + core.uppercased(), name].contains { (name: String) in
      dlsym(nil, name) != nil
    }
  }

  /// Version and build options.
  package static var configuration: String { string(openblas_get_config()) }

  /// The number of threads per call. It belongs to the process, not to the calling thread.
  package static var threadCount: Int { Int(openblas_get_num_threads()) }

  @Sendable static func setThreadCount(_ count: Int32) {
    openblas_set_num_threads(count)
  }

  /// Calls `cblas_sgemm`. `MatrixProduct` has checked that every size fits in 32 bits and that no
  /// leading dimension is shorter than a row. The product must not be empty.
  @Sendable package static func multiply(_ product: MatrixProduct) {
    cblas_sgemm(
      CblasRowMajor, transposition(product.a), transposition(product.b),
      blasint(truncatingIfNeeded: product.m), blasint(truncatingIfNeeded: product.n),
      blasint(truncatingIfNeeded: product.k), product.alpha,
      product.a.base, blasint(truncatingIfNeeded: product.a.leadingDimension),
      product.b.base, blasint(truncatingIfNeeded: product.b.leadingDimension),
      product.beta, product.c, blasint(truncatingIfNeeded: product.cLeadingDimension))
  }

  /// Calls `cblas_dsyrk`: C = X X', or X'X if `isTransposed`, with X `[row, column]`; only the lower triangle of C is
  /// written. Every size fits in 32 bits, and none is 0.
  static func multiplyByTranspose(
    _ x: UnsafePointer<Double>, rowCount: Int, columnCount: Int, isTransposed: Bool,
    into c: UnsafeMutablePointer<Double>
  ) {
    let (order, sum) = isTransposed ? (columnCount, rowCount) : (rowCount, columnCount)
    cblas_dsyrk(
      CblasRowMajor, CblasLower, isTransposed ? CblasTrans : CblasNoTrans,
      blasint(truncatingIfNeeded: order), blasint(truncatingIfNeeded: sum), 1, x,
      blasint(truncatingIfNeeded: columnCount), 0, c, blasint(truncatingIfNeeded: order))
  }

  private static func transposition(_ operand: MatrixProduct.Operand) -> CBLAS_TRANSPOSE {
    operand.isTransposed ? CblasTrans : CblasNoTrans
  }

  private static func string(_ text: UnsafePointer<CChar>?) -> String {
    text.map { String(cString: $0) } ?? "unknown"
  }
}
