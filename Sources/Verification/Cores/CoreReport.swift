import AttentionCore
import Foundation

/// The results of all OpenBLAS cores, as text and as JSON.
package struct CoreReport {
  private let environment: VerificationEnvironment
  private let results: [CoreResult]
  private let seconds: Double

  package init(environment: VerificationEnvironment, results: [CoreResult], seconds: Double) {
    self.environment = environment
    self.results = results
    self.seconds = seconds
  }

  package var passes: Bool { results.allSatisfy(\.passes) }

  package var lines: [String] {
    var table = Table([.left, .right, .right, .right, .right, .left])
    table.row("core", "cases", "error", "bound", "share", "verdict")
    for result in results {
      switch result.outcome {
      case .measured(let measured):
        table.row(
          result.core, "\(measured.caseCount)", VerificationReport.number(measured.error),
          VerificationReport.number(measured.bound), VerificationReport.percent(measured.share),
          Self.verdict(measured))
      case .missing(let used):
        table.row(result.core, "", "", "", "", "not in this OpenBLAS: it uses \(used)")
      case .crashed(let signal):
        table.row(result.core, "", "", "", "", "CRASHED: \(Self.name(ofSignal: signal))")
      case .noReport(let status):
        table.row(
          result.core, "", "", "", "", "NO REPORT: exit status \(status.map { "\($0)" } ?? "?")")
      }
    }
    let time = "(\(Int(seconds.rounded())) s)"
    let wrong = results.filter { !$0.passes }.map(\.core)
    let measured = results.filter {
      if case .measured = $0.outcome { true } else { false }
    }
    let verdict =
      wrong.isEmpty
      ? "The kernels of \(counted(measured.count, "core")) are within their bounds \(time)."
      : "Wrong kernels: \(wrong.joined(separator: ", ")) \(time)."
    return environment.lines + [""] + table.lines + [""] + guiltyLines + [verdict]
  }

  private static func verdict(_ measured: CoreResult.Measured) -> String {
    if !measured.failures.isEmpty { return "\(measured.failures.count) FAILED" }
    return measured.selfTestFailure == nil ? "passed" : "SELF-TEST FAILED"
  }

  /// The wrong products of each core, up to five, with the commands that repeat them.
  private var guiltyLines: [String] {
    let lines = results.flatMap { result -> [String] in
      guard case .measured(let measured) = result.outcome else { return [] }
      let selfTest = measured.selfTestFailure.map { ["# \(result.core), self-test: \($0)"] } ?? []
      return selfTest
        + measured.failures.prefix(5).map { failure in
          """
          OPENBLAS_CORETYPE=\(result.core) attend verify --case \(failure.id)  # sgemm of \
          \(result.core): \(failure.input): error \(VerificationReport.number(failure.error)), \
          bound \(VerificationReport.number(failure.bound))
          """
        }
    }
    return lines.isEmpty ? [] : ["To repeat a failed case:"] + lines + [""]
  }

  package static func name(ofSignal signal: Int32) -> String {
    let names: [Int32: String] = [
      SIGILL: "SIGILL (no such instruction)", SIGSEGV: "SIGSEGV",
      SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL",
      SIGTRAP: "SIGTRAP",
    ]
    return names[signal] ?? "signal \(signal)"
  }

  package var json: String {
    JSONText.object([
      "environment": environment.json,
      "seconds": JSONText.number(seconds),
      "cores": JSONText.array(
        results.map { result in
          var members: [(key: String, value: String)] = [
            ("core", JSONText.string(result.core)), ("passes", "\(result.passes)"),
          ]
          switch result.outcome {
          case .measured(let measured):
            members += [
              ("cases", "\(measured.caseCount)"), ("error", JSONText.number(measured.error)),
              ("bound", JSONText.number(measured.bound)),
              ("self_test_failure", measured.selfTestFailure.map(JSONText.string) ?? "null"),
              (
                "failures",
                JSONText.array(
                  measured.failures.map {
                    JSONText.object([
                      "case": JSONText.string($0.id), "input": JSONText.string($0.input),
                      "error": JSONText.number($0.error), "bound": JSONText.number($0.bound),
                    ])
                  })
              ),
            ]
          case .missing(let used): members.append(("used", JSONText.string(used)))
          case .crashed(let signal): members.append(("signal", "\(signal)"))
          case .noReport(let status):
            members.append(("status", status.map { "\($0)" } ?? "null"))
          }
          return JSONText.object(members)
        }),
    ])
  }
}
