import Attention

/// Runs `body` with a backend whose kernels are of another kind than those of the scope: a check by it does
/// not repeat their mistakes.
func withOtherBackend<Result>(_ body: () throws -> Result) throws -> Result {
  let kernels = type(of: Backend.current.kernels)
  return try withCompute(backend: Backend.all.first { type(of: $0.kernels) != kernels }, body)
}
