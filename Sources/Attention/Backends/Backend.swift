/// Who computes: a value to pass to a call, or to set for a scope with `withCompute(backend:threads:_:)`.
public struct Backend: Sendable {
  /// The name that the command line knows it by.
  public let name: String
  package let kernels: any Kernels

  package init(name: String, kernels: any Kernels) {
    self.name = name
    self.kernels = kernels
  }
}
