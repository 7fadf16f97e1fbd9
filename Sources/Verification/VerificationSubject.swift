import Attention

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

  /// All backends except the reference, the native one with every instruction set of this processor.
  package static var all: [VerificationSubject] {
    let native = NativeKernels.all.map { kernels in
      let name = "native-" + kernels.name.lowercased().replacing(" ", with: "-")
      return VerificationSubject(name: name, backend: Backend(name: name, kernels: kernels))
    }
    return [VerificationSubject(name: "openblas", backend: .openBLAS)] + native
      + [VerificationSubject(name: "portable", backend: .portable)]
  }
}
