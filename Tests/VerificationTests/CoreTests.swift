import Foundation
import Testing

@testable import Verification

/// The reports about OpenBLAS cores.
@Suite struct CoreTests {
  private func report(core: String, failures: String = "", selfTest: String = "null") -> [UInt8] {
    Array(
      """
      {"environment": {"openblas_core": "\(core)", "openblas_failure": \(selfTest)}, "rows": [
       {"cases": 3, "error": 1e-6, "bound": 4e-6, "failures": []},
       {"cases": 2, "error": 3.0, "bound": 0.5, "failures": [\(failures)]}]}
      """.utf8)
  }

  @Test func `the worst case of all rows is in the result`() {
    let failure = #"{"case": "gemm/sgemm/4", "input": "[2, 3]ᵀ", "error": null, "bound": 0.5}"#
    let result = CoreResult(
      core: "Haswell",
      ChildProcess.Result(output: report(core: "Haswell", failures: failure), status: 1))
    guard case .measured(let measured) = result.outcome else {
      Issue.record("\(result)")
      return
    }
    #expect(measured.caseCount == 5 && measured.error == 3 && measured.bound == 0.5)
    #expect(measured.failures.count == 1 && measured.failures[0].error == .infinity)
    #expect(!result.passes)
    let lines = CoreReport(
      environment: .current(version: "1"), results: [result], seconds: 1
    ).lines
    #expect(
      lines.contains {
        $0.hasPrefix(
          "OPENBLAS_CORETYPE=Haswell attend verify --case gemm/sgemm/4  # sgemm of Haswell: ")
          && $0.contains("[2, 3]ᵀ")
      })
    #expect(lines.last?.hasPrefix("Wrong kernels: Haswell (") == true)
  }

  @Test func `other kernels, signals, failed self-tests and missing reports are told apart`() {
    let results = [
      CoreResult(core: "Zen", .init(output: report(core: "zen"), status: 0)),
      CoreResult(core: "Atom", .init(output: report(core: "Prescott"), status: 0)),
      CoreResult(core: "Bulldozer", .init(output: [], status: nil, signal: SIGILL)),
      CoreResult(core: "Nano", .init(output: Array("oh".utf8), status: 2)),
      CoreResult(core: "Core2", .init(output: report(core: "Core2", selfTest: "\"x\""), status: 0)),
    ]
    #expect(results.map(\.passes) == [true, true, false, false, false])
    let report = CoreReport(environment: .current(version: "1"), results: results, seconds: 2)
    let lines = report.lines
    for (core, part) in [
      ("Zen", "5  3.0e+00  5.0e-01"), ("Atom", "not in this OpenBLAS: it uses Prescott"),
      ("Bulldozer", "CRASHED: SIGILL"), ("Nano", "NO REPORT: exit status 2"),
      ("Core2", "SELF-TEST FAILED"),
    ] {
      #expect(lines.contains { $0.hasPrefix("  \(core) ") && $0.contains(part) }, "\(lines)")
    }
    #expect(lines.last == "Wrong kernels: Bulldozer, Nano, Core2 (2 s).")
    #expect(report.json.contains("\"signal\": \(SIGILL)"))
  }

  @Test func `a processor runs the cores whose flags it has`() {
    let processor = Processor(
      description: "processor : 0\nflags\t\t: fpu pni ssse3 sse4_1 sse4_2 avx avx2 fma\n")
    #expect(
      processor.instructionSets == ["sse3", "ssse3", "sse4_1", "sse4_2", "avx", "fma", "avx2"])
    #if arch(x86_64)
      let names = OpenBLASCore.runnable(on: processor).map(\.name)
      #expect(names.contains("Haswell") && names.contains("Prescott") && names.contains("Zen"))
      #expect(!names.contains("SkylakeX") && !names.contains("Bulldozer"))
    #endif
    #expect(Processor(description: "").flags.isEmpty)
  }
}
