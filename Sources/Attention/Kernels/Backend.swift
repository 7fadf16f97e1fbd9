/// Who computes: a value to pass to a call, or to set for a scope with
/// `withCompute(backend:threads:layerInputs:_:)`.
///
/// All three compute the same functions; the tests hold them against each other.
/// <doc:Backends-and-threads> says what they promise.
public struct Backend: Sendable {
  /// The name that the command line knows it by.
  public let name: String
  package let kernels: any Kernels

  package init(name: String, kernels: any Kernels) {
    self.name = name
    self.kernels = kernels
  }

  /// General matrix products by OpenBLAS's `cblas_sgemm`, and loops in C with the widest vectors that
  /// the processor has for the rest: the default.
  ///
  /// Constant weights, and keys and values that many queries share, are packed once and multiplied by a
  /// kernel of this package's own, since BLAS would pack them at every call.
  ///
  /// At first use it compares OpenBLAS with `portable` on a few products; where the two disagree,
  /// it warns once and computes as `portable` does.
  public static let openBLAS = Backend(name: "openblas", kernels: OpenBLASKernels())

  /// Everything in Swift: no C library on its path.
  public static let portable = Backend(name: "portable", kernels: PortableKernels())

  /// The naive loops in Double, each result rounded once to Float: to be right and to be read, not
  /// to be fast. The operator computes on one thread with it, and holds every weight in memory.
  public static let reference = Backend(name: "reference", kernels: ReferenceKernels())

  /// The three of them, the default first.
  public static let all = [openBLAS, portable, reference]
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
  /// Who computes in this scope.
  package static var current: Backend { Compute.current.backend }
}
