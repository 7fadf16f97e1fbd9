import Foundation

/// Runs the cases of sgemm in a child process for each OpenBLAS core that this processor can run.
package enum CoreVerification {
  /// What a child computes: products, packed products and the operator on OpenBLAS without its self-test,
  /// which would replace wrong kernels.
  static func arguments(caseCount: Int?, firstSeed: UInt64) -> [String] {
    [
      "verify", "--checks", "gemm,panels,operator", "--backends",
      VerificationSubject.unprotected.name, "--cases", "\(caseCount ?? 300)", "--seed",
      "\(firstSeed)", "--format", "json",
    ]
  }

  /// - Parameter onProgress: called after each core with the number of cores so far and in total.
  package static func run(
    cores: [OpenBLASCore] = OpenBLASCore.runnable(on: .current), caseCount: Int?,
    firstSeed: UInt64, onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> [CoreResult] {
    try cores.enumerated().map { index, core in
      try Task.checkCancellation()
      let child = try ChildProcess.run(
        arguments(caseCount: caseCount, firstSeed: firstSeed),
        environment: ["OPENBLAS_CORETYPE": core.name])
      onProgress(index + 1, cores.count)
      return CoreResult(core: core.name, child)
    }
  }
}
