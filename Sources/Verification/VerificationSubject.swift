import Attention
import Synchronization

/// A backend to verify: one of the package's, or the native backend with one instruction set.
package struct VerificationSubject: Sendable {
  /// The name in tables and in the ids of cases, such as "openblas" or "native-avx2".
  package let name: String
  package let backend: Backend

  package init(name: String, backend: Backend) {
    self.name = name
    self.backend = backend
  }

  var kernels: any Kernels { backend.kernels }

  /// The results of a computation with this backend, as scalars.
  func scalars(threads: Int = 2, _ body: () throws -> Tensor) throws -> [Float] {
    try withCompute(backend: backend, threads: threads) { try body().scalars }
  }

  // MARK: All subjects

  /// All backends except the reference, the native one with every instruction set of this processor.
  package static let all: [VerificationSubject] = {
    let native = NativeKernels.all.map { kernels in
      let name = "native-" + shortName(ofKernels: kernels.name)
      return VerificationSubject(name: name, backend: Backend(name: name, kernels: kernels))
    }
    return [VerificationSubject(name: "openblas", backend: .openBLAS)] + native
      + [VerificationSubject(name: "portable", backend: .portable)]
  }()

  /// The reference backend, to compare it with another framework.
  package static let reference = VerificationSubject(name: "reference", backend: .reference)

  /// All subjects with a name: also the reference, and sgemm without protection.
  package static let known = all + [reference, unprotected]

  /// OpenBLAS without protection: sgemm computes every product of matrices on every core, also where the
  /// plan prefers SIMD kernels, and without the self-test, which would replace a wrong sgemm.
  package static let unprotected: VerificationSubject = {
    // Set up the real library first: this must not happen while another instance uses it.
    let real = OpenBLAS.shared
    let isTesting = Atomic(true)
    let library = OpenBLAS(
      driver: .init(
        threadMode: real.threadMode, coreName: { "SkylakeX" }, setThreadCount: { _ in },
        selectCore: { _ in false },
        multiply: { product in
          if isTesting.load(ordering: .relaxed) {
            // Throws only in a cancelled task, whose results are not used.
            try? ReferenceKernels().multiply(product)
          } else {
            OpenBLASLibrary.multiply(product)
          }
        }), processor: nil, warn: { _ in })
    isTesting.store(false, ordering: .relaxed)
    let kernels = NativeKernels(multiplier: OpenBLASMultiplier(library: library))
    return VerificationSubject(name: "sgemm", backend: Backend(name: "sgemm", kernels: kernels))
  }()

  /// "AVX-512 VNNI" becomes "avx512-vnni".
  static func shortName(ofKernels name: String) -> String {
    name.lowercased().replacing("avx-", with: "avx").replacing(" ", with: "-")
  }
}
