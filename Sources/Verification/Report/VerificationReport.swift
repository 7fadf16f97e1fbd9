import AttentionCore

/// The results of a verification, as text and as JSON.
package struct VerificationReport {
  private let environment: VerificationEnvironment
  private let rows: [Verification.Row]
  private let seconds: Double
  /// The command that repeats a case.
  private let command: Command

  package init(
    environment: VerificationEnvironment, rows: [Verification.Row], seconds: Double,
    command: Command = .case(options: "")
  ) {
    self.environment = environment
    self.rows = rows
    self.seconds = seconds
    self.command = command
  }

  /// How to repeat a case.
  package enum Command {
    /// By its id, with further options such as " --model FOLDER".
    case `case`(options: String)
    /// By its folder.
    case against

    func text(_ row: Verification.Row, _ name: String) -> String {
      switch self {
      case .case(let options):
        "attend verify\(options) --case \(row.check)/\(row.subject)/\(name)"
      case .against:
        "attend verify --against \(shellWord(name)) --backends \(row.subject)"
      }
    }
  }

  /// Whether every case is within its bound, and the backend openblas, if it is in the table, uses OpenBLAS.
  package var passes: Bool { rows.allSatisfy(\.failures.isEmpty) && openBLASFailure == nil }

  /// Why the cases of the backend openblas were computed by other kernels; nil if they were not.
  private var openBLASFailure: String? {
    rows.contains { $0.subject == "openblas" } ? environment.openBLASFailure : nil
  }
  private var caseCount: Int { rows.reduce(0) { $0 + $1.caseCount } }
  private var failureCount: Int { rows.reduce(0) { $0 + $1.failures.count } }

  /// The environment, the table, the failures and the verdict. The table is at most 80 columns wide.
  package var lines: [String] {
    environment.lines + [""] + tableLines + [""] + failureLines + openBLASLines + [verdict]
  }

  private var tableLines: [String] {
    var table = Table([.left, .left, .right, .right, .right, .right, .left])
    table.row("check", "backend", "cases", "error", "bound", "share", "verdict")
    var last = ""
    for row in rows {
      let worst = row.worst?.measurement
      table.row(
        row.check == last ? "" : row.check, row.subject, "\(row.caseCount)",
        Self.number(worst?.error), Self.number(worst?.bound),
        worst.map { Self.percent($0.share) } ?? "",
        row.failures.isEmpty ? "passed" : "\(row.failures.count) FAILED")
      last = row.check
    }
    return table.lines
  }

  private var openBLASLines: [String] {
    openBLASFailure == nil
      ? []
      : [
        "OpenBLAS is not used (see above): the native kernels computed in its place.",
        "attend verify --cores verifies its kernels for other processors.", "",
      ]
  }

  private var verdict: String {
    let time = "\(Int(seconds.rounded())) s"
    let cases = counted(caseCount, "case")
    return failureCount == 0
      ? caseCount == 1
        ? "The case is within its bound (\(time))."
        : "All \(cases) are within their bounds (\(time))."
      : "\(failureCount) of \(cases) \(failureCount == 1 ? "is" : "are") out of bounds (\(time))."
  }

  /// A line for each failure, up to ten for each check and backend, with the command that repeats it.
  private var failureLines: [String] {
    let lines = rows.flatMap { row in
      let rest = row.failures.count - 10
      return row.failures.prefix(10).map { name, measurement in
        """
        \(command.text(row, name))  # \(measurement.input): error \
        \(Self.number(measurement.error)), bound \(Self.number(measurement.bound))
        """
      } + (rest > 0 ? ["# and \(rest) more of \(row.check)/\(row.subject)"] : [])
    }
    return lines.isEmpty ? [] : ["To repeat a failed case:"] + lines + [""]
  }

  package var json: String {
    JSONText.object([
      "environment": environment.json,
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
            "worst_case": row.worst.map { JSONText.string(name(row, $0.name)) } ?? "null",
            "failures": JSONText.array(
              row.failures.map { failed, measurement in
                JSONText.object([
                  "case": JSONText.string(name(row, failed)),
                  "input": JSONText.string(measurement.input),
                  "error": JSONText.number(measurement.error),
                  "bound": JSONText.number(measurement.bound),
                ])
              }),
          ])
        }),
    ])
  }

  /// The id of a case, or the folder of a case of another framework.
  private func name(_ row: Verification.Row, _ name: String) -> String {
    switch command {
    case .case: "\(row.check)/\(row.subject)/\(name)"
    case .against: name
    }
  }

  /// One line for each row: its worst case.
  package var caseLines: [String] {
    rows.compactMap { row in
      row.worst.map { worst, measurement in
        """
        \(name(row, worst)): \(measurement.input): error \(Self.number(measurement.error)), bound \
        \(Self.number(measurement.bound)), \(measurement.passes ? "passed" : "FAILED")
        """
      }
    }
  }

  static func number(_ value: Double?) -> String {
    value.map { $0 == 0 ? "0" : String(scientific: $0) } ?? ""
  }

  /// A fraction of the bound: in percent, or as a multiple if it is large.
  static func percent(_ share: Double) -> String {
    share < 100 ? "\(Int((100 * share).rounded())) %" : "\(String(scientific: share)) ×"
  }
}
