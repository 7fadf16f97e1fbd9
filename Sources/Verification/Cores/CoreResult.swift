import AttentionCore
import Foundation

/// What a child process found about the kernels of one OpenBLAS core.
package struct CoreResult: Sendable {
  package let core: String
  package let outcome: Outcome

  package enum Outcome: Sendable {
    /// The cases were computed.
    case measured(Measured)
    /// OpenBLAS has no such kernels and used others.
    case missing(used: String)
    /// A signal ended the process.
    case crashed(signal: Int32)
    /// The process printed no report.
    case noReport(status: Int32?)
  }

  package struct Measured: Sendable {
    package let caseCount: Int
    /// The error and the bound with the largest quotient.
    package let error: Double
    package let bound: Double
    /// The failed cases: name, sizes and options, error, bound.
    package let failures: [(id: String, input: String, error: Double, bound: Double)]
    /// The product that the self-test found wrong; nil if it passed.
    package let selfTestFailure: String?

    var share: Double { error == 0 ? 0 : error / bound }
  }

  /// Reads the report of a child.
  package init(core: String, _ child: ChildProcess.Result) {
    self.core = core
    if let signal = child.signal {
      outcome = .crashed(signal: signal)
      return
    }
    guard let report = (try? JSON.parse(child.output))?.object,
      let environment = report["environment"]?.object,
      let used = environment["openblas_core"]?.string, let rows = report["rows"]?.array
    else {
      outcome = .noReport(status: child.status)
      return
    }
    guard used.lowercased() == core.lowercased() else {
      outcome = .missing(used: used)
      return
    }
    var (count, error, bound) = (0, 0.0, 0.0)
    var failures: [(id: String, input: String, error: Double, bound: Double)] = []
    // JSON has no infinity: a missing number is infinite.
    func number(_ value: JSON?) -> Double { value?.number?.double ?? .infinity }
    for row in rows.compactMap(\.object) {
      count += row["cases"]?.integer ?? 0
      let (rowError, rowBound) = (number(row["error"]), number(row["bound"]))
      let share = rowError == 0 ? 0 : rowError / rowBound
      if share > (error == 0 ? -1 : error / bound) { (error, bound) = (rowError, rowBound) }
      failures += ((row["failures"]?.array).map(Array.init) ?? []).compactMap(\.object).map {
        (
          $0["case"]?.string ?? "?", $0["input"]?.string ?? "?", number($0["error"]),
          number($0["bound"])
        )
      }
    }
    outcome = .measured(
      Measured(
        caseCount: count, error: error, bound: bound, failures: failures,
        selfTestFailure: environment["openblas_failure"]?.string))
  }

  /// Whether nothing is wrong. Kernels that OpenBLAS does not have are not wrong.
  package var passes: Bool {
    switch outcome {
    case .measured(let measured): measured.failures.isEmpty && measured.selfTestFailure == nil
    case .missing: true
    case .crashed, .noReport: false
    }
  }
}
