/// A compute backend, to pass to a call or to set for a scope with
/// `withCompute(backend:threads:layerInputs:reproducible:_:)`.
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

  /// Matrix products in float32 by OpenBLAS's `cblas_sgemm`, and SIMD kernels for everything else: the
  /// default.
  ///
  /// Constant weights, and keys and values that many queries share, are packed once. On processors for
  /// which OpenBLAS has small-matrix kernels, it multiplies them block by block without packing them
  /// again; <doc:On-BLAS> shows the blocks. On other processors, the SIMD kernels of ``native`` multiply
  /// them, and OpenBLAS computes general products and gradients.
  ///
  /// At first use, OpenBLAS is tested with a few products. If a result is wrong, the backend logs one
  /// warning and uses the matrix products of ``native`` instead.
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
