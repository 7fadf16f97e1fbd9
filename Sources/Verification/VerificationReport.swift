import AttentionCore
import Benchmarks

/// The results of a verification, as text and as JSON.
package struct VerificationReport {
  private let machine: HostInfo
  private let rows: [Verification.Row]
  private let seconds: Double

  package init(machine: HostInfo, rows: [Verification.Row], seconds: Double) {
    self.machine = machine
    self.rows = rows
    self.seconds = seconds
  }

  package var passes: Bool { rows.allSatisfy(\.failures.isEmpty) }
  private var caseCount: Int { rows.reduce(0) { $0 + $1.caseCount } }
  private var failureCount: Int { rows.reduce(0) { $0 + $1.failures.count } }

  package var lines: [String] {
    var table = Table([.left, .left, .right, .right, .right, .right, .left])
    table.row("check", "backend", "cases", "error", "bound", "of bound", "verdict")
    for row in rows {
      let worst = row.worst?.measurement
      table.row(
        row.check, row.subject, "\(row.caseCount)", Self.number(worst?.error),
        Self.number(worst?.bound), worst.map { Self.percent($0.share) } ?? "",
        row.failures.isEmpty ? "passed" : "\(row.failures.count) FAILED")
    }
    let time = "\(Int(seconds.rounded())) s"
    let verdict =
      passes
      ? "All \(caseCount) cases are within their bounds (\(time))."
      : "\(failureCount) of \(caseCount) cases are out of bounds (\(time))."
    return machine.lines + [""] + table.lines + [""] + failureLines + [verdict]
  }

  /// A line for each failure, up to ten for each check and backend, with the command that repeats it.
  private var failureLines: [String] {
    let lines = rows.flatMap { row in
      row.failures.prefix(10).map { id, measurement in
        """
        attend verify --case \(id): \(measurement.input): error \(Self.number(measurement.error)), \
        bound \(Self.number(measurement.bound))
        """
      }
    }
    return lines.isEmpty ? [] : lines + [""]
  }

  package var json: String {
    JSONText.object([
      "machine": machine.json,
      "cases": "\(caseCount)",
      "failed": "\(failureCount)",
      "seconds": JSONText.number(seconds),
      "rows": JSONText.array(
        rows.map { row in
          JSONText.object([
            "check": JSONText.string(row.check),
            "backend": JSONText.string(row.subject),
            "cases": "\(row.caseCount)",
            "error": JSONText.number(row.worst?.measurement.error),
            "bound": JSONText.number(row.worst?.measurement.bound),
            "worst_case": row.worst.map { JSONText.string($0.id) } ?? "null",
            "failures": JSONText.array(
              row.failures.map { id, measurement in
                JSONText.object([
                  "case": JSONText.string(id), "input": JSONText.string(measurement.input),
                  "error": JSONText.number(measurement.error),
                  "bound": JSONText.number(measurement.bound),
                ])
              }),
          ])
        }),
    ])
  }

  /// One line about a single case.
  package static func line(_ one: Verification.Case, _ measurement: Measurement) -> String {
    """
    \(one.id): \(measurement.input): error \(number(measurement.error)), bound \
    \(number(measurement.bound)), \(measurement.passes ? "passed" : "FAILED")
    """
  }

  private static func number(_ value: Double?) -> String {
    value.map { String(scientific: $0) } ?? ""
  }

  /// A fraction of the bound: in percent, or as a multiple if it is large.
  private static func percent(_ share: Double) -> String {
    share < 100 ? "\(Int((100 * share).rounded())) %" : "\(String(scientific: share)) ×"
  }
}
