import Attention

/// The backend that a row is computed by, for a check to choose another.
package enum BenchScope {
  @TaskLocal package static var backend = Backend.openBLAS
}

/// Runs `body` with another backend than the row's, so that both hardly share a mistake.
package func withOtherBackend<Result>(_ body: () throws -> Result) throws -> Result {
  try withCompute(backend: BenchScope.backend == .portable ? .openBLAS : .portable, body)
}
