/// A compute backend, to pass to a call or to set for a scope with
/// `withCompute(backend:threads:layerInputs:_:)`.
///
/// All backends compute the same functions; the tests compare them with each other.
/// <doc:Backends-and-threads> says what they guarantee.
public struct Backend: Sendable {
  /// The name on the command line.
  public let name: String
  package let kernels: any Kernels

  package init(name: String, kernels: any Kernels) {
    self.name = name
    self.kernels = kernels
  }

  /// The kernels of ``native``, with general matrix products by OpenBLAS's `cblas_sgemm`: the default.
  ///
  /// Constant weights, and keys and values that many queries share, are packed once and multiplied by
  /// kernels of this package, since BLAS packs them at every call.
  ///
  /// At first use it compares OpenBLAS with ``portable`` on a few products. Where the two disagree, it logs
  /// one warning and computes as ``native`` does.
  public static let openBLAS = Backend(
    name: "openblas", kernels: NativeKernels(multiplier: OpenBLASMultiplier()))

  /// SIMD kernels in C for the instruction set of the processor. It never calls BLAS.
  public static let native = Backend(name: "native", kernels: NativeKernels.best)

  /// Everything in Swift: it calls no C kernel and no BLAS.
  public static let portable = Backend(name: "portable", kernels: PortableKernels())

  /// Naive loops in Double, each result rounded once to Float: to be right and to be read, not to be fast.
  /// Attention runs on one thread and holds every weight in memory.
  public static let reference = Backend(name: "reference", kernels: ReferenceKernels())

  /// All backends, the default first.
  public static let all = [openBLAS, native, portable, reference]
}

extension Backend: Hashable {
  /// Backends are equal when their names are.
  public static func == (left: Backend, right: Backend) -> Bool { left.name == right.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Backend: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

extension Backend {
  /// The backend of the current scope.
  package static var current: Backend { Compute.current.backend }
}
