/// A compute backend, to pass to a call or to set for a scope with
/// `withCompute(backend:threads:layerInputs:_:)`.
///
/// All backends compute the same functions; the tests compare them with each other.
/// <doc:Backends-and-threads> describes their guarantees.
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
  /// kernels of this package, because BLAS packs its operands at every call.
  ///
  /// At first use, OpenBLAS is compared with ``portable`` on a few products. If the results differ,
  /// the backend logs one warning and uses the matrix products of ``native`` instead.
  public static let openBLAS = Backend(
    name: "openblas", kernels: NativeKernels(multiplier: OpenBLASMultiplier()))

  /// SIMD kernels in C for the instruction set of the processor, without BLAS.
  public static let native = Backend(name: "native", kernels: NativeKernels.best)

  /// Everything in Swift, without C kernels and without BLAS.
  public static let portable = Backend(name: "portable", kernels: PortableKernels())

  /// Naive loops in Double; each result is rounded once to Float. Written for accuracy and
  /// readability, not for speed.
  ///
  /// Attention runs on one thread and stores all attention weights.
  public static let reference = Backend(name: "reference", kernels: ReferenceKernels())

  /// All backends; the default is first.
  public static let all = [openBLAS, native, portable, reference]
}

extension Backend: Hashable {
  /// Backends are equal if their names are equal.
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
