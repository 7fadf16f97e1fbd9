import Attention

/// The backend of the current row, so that a check can use another one.
package enum BenchScope {
  @TaskLocal package static var backend = Backend.openBLAS
}

/// Runs `body` with a backend other than the row's, so that a bug in one backend is not in both results.
package func withOtherBackend<Result>(_ body: () throws -> Result) throws -> Result {
  try withCompute(backend: BenchScope.backend == .portable ? .openBLAS : .portable, body)
}
