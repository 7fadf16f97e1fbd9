import ArgumentParser
import AttentionModels
import Benchmarks
import Verification

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare every backend with the reference on this machine.",
    discussion: """
      Computes thousands of random cases on each backend and with each instruction set of this processor, \
      and compares them with the reference in double precision. A row shows the case with the largest \
      error relative to its bound. A case out of bounds gets a line with the command that repeats it, and \
      the exit status is 1. Paste the output into a bug report.

      The checks:
      \(Verification.checks.map { "\($0.name): \($0.summary)" }.joined(separator: "\n"))

      attend verify
      attend verify --checks gemm,operator --cases 2000 --seed 100
      attend verify --case operator/native-avx2/17
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  struct Choice: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "Checks, such as gemm,operator. (default: all)", valueName: "names"))
    var checks: String?

    @Option(
      help: ArgumentHelp(
        "Backends, such as openblas,portable. (default: all but the reference)",
        valueName: "names"))
    var backends: String?

    @Option(
      help: ArgumentHelp(
        "Number of cases of each check on each backend. (default: 40 to 300, by check)",
        valueName: "count"))
    var cases: Int?

    @Option(help: ArgumentHelp("Seed of the first case.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(
      name: .customLong("case"),
      help: ArgumentHelp(
        "Compute one case only, such as gemm/openblas/17.", valueName: "check/backend/seed"))
    var id: String?

    mutating func validate() throws {
      if let cases, cases < 1 {
        throw ValidationError("--cases: expected at least 1, got \(cases)")
      }
      if let id, Verification.find(id) == nil {
        throw ValidationError(
          """
          --case: no case '\(printable(id))'; expected CHECK/BACKEND/SEED with a check of \
          \(Self.checkNames) and a backend of \(Self.backendNames)
          """)
      }
      _ = try chosenChecks()
      _ = try subjects()
    }

    func chosenChecks() throws -> [any VerificationCheck] {
      try chosen(checks, of: Verification.checks, option: "--checks", Self.checkNames, \.name)
    }

    func subjects() throws -> [VerificationSubject] {
      try chosen(
        backends, of: VerificationSubject.all, option: "--backends", Self.backendNames, \.name)
    }

    private static var checkNames: String {
      Verification.checks.map(\.name).joined(separator: ", ")
    }
    private static var backendNames: String {
      VerificationSubject.all.map(\.name).joined(separator: ", ")
    }

    /// The elements whose names are in a list with commas; all for nil.
    private func chosen<Element>(
      _ list: String?, of all: [Element], option: String, _ names: String,
      _ name: (Element) -> String
    ) throws -> [Element] {
      guard let list else { return all }
      return try list.split(separator: ",", omittingEmptySubsequences: false).map { part in
        guard let element = all.first(where: { name($0) == part }) else {
          throw ValidationError(
            "\(option): unknown name '\(printable(String(part)))'; expected one of \(names)")
        }
        return element
      }
    }
  }

  struct Output: ParsableArguments {
    @Option(
      help: """
        json prints one object: "machine" (as attend bench), "cases", "failed", "seconds", and "rows" with \
        check, backend, cases, error, bound, worst_case and failures.
        """)
    var format = Format.text
  }

  @OptionGroup(title: "Cases") var choice: Choice
  @OptionGroup(title: "Output") var output: Output

  func run() throws {
    if let one = choice.id.flatMap(Verification.find) {
      let measurement = try one.measure()
      try StandardOutput.line(VerificationReport.line(one, measurement))
      if !measurement.passes { throw ExitCode.failure }
      return
    }
    var progress = ProgressBar(isWanted: true)
    defer { progress.finish() }
    let start = ContinuousClock.now
    let rows = try Verification(
      checks: choice.chosenChecks(), subjects: choice.subjects(), caseCount: choice.cases,
      firstSeed: choice.seed
    ).run { done, total in
      progress.update(count: done, of: "cases", share: Double(done) / Double(total))
    }
    progress.finish()
    let report = VerificationReport(
      machine: .current(version: Attend.configuration.version), rows: rows,
      seconds: (ContinuousClock.now - start) / .seconds(1))
    switch output.format {
    case .text: for line in report.lines { try StandardOutput.line(line) }
    case .json: try StandardOutput.line(report.json)
    }
    if !report.passes { throw ExitCode.failure }
  }
}
