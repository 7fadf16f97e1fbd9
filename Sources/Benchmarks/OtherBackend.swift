import Attention

/// Runs `body` with a backend that does not share its kernels with the backend of the scope. A check with
/// that backend does not repeat the errors of the kernels under test.
func withOtherBackend<Result>(_ body: () throws -> Result) throws -> Result {
  let kernels = type(of: Backend.current.kernels)
  return try withCompute(backend: Backend.all.first { type(of: $0.kernels) != kernels }, body)
}
