import ArgumentParser
import AttentionModels
import Benchmarks
import DemonstrationModels
import Verification

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare every backend with the reference on this machine.",
    discussion: """
      Computes thousands of random cases on each backend and with each instruction set of this processor, \
      and compares them with naive computations in double precision. A row of the table shows the case \
      with the largest error relative to its bound. A case out of bounds gets a line with the command \
      that repeats it, and the exit status is 1. Paste the output into a bug report.

      Checks:
      \(VerifyChecks.table)

      attend verify
      attend verify --checks gemm,operator --cases 2000 --seed 100
      attend verify --case operator/native-avx2/17
      attend verify --checks model --model sentence-transformers/all-MiniLM-L6-v2
      attend verify --cores
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  struct Output: ParsableArguments {
    @Option(
      help: """
        json prints one object: "environment", "cases", "failed", "seconds", and "rows" with check, \
        backend, cases, error, bound, worst_case and failures.
        """)
    var format = Format.text
  }

  @OptionGroup(title: "Cases") var choice: VerifyChoice
  @OptionGroup(title: "Other comparisons") var comparison: VerifyComparison
  @OptionGroup(title: "Output") var output: Output

  mutating func validate() throws {
    if comparison.cores || comparison.against != nil, !choice.isDefaultSelection {
      throw ValidationError(
        "--cores and --against exclude --checks, --case, --model and --thorough")
    }
    if comparison.cores, choice.backends != nil {
      throw ValidationError("--cores excludes --backends: it verifies OpenBLAS")
    }
    if comparison.against != nil, choice.cases != nil {
      throw ValidationError("--against excludes --cases: the folder contains the cases")
    }
  }

  func run() throws {
    let passes = try comparison.cores ? verifyCores() : verifyBackends()
    if !passes { throw ExitCode.failure }
  }

  private var environment: VerificationEnvironment {
    .current(version: Attend.configuration.version)
  }

  /// Compares the backends with the reference or with the arrays of a folder; returns whether all pass.
  private func verifyBackends() throws -> Bool {
    let start = ContinuousClock.now
    let verification: Verification
    let command: VerificationReport.Command
    if let against = comparison.against {
      verification = Verification(
        try AgainstFolder(path: against),
        subjects: try choice.subjects(default: [.reference] + VerificationSubject.all))
      command = .against
    } else {
      let checks = try VerifyChecks(model: choice.model)
      verification = try choice.verification(checks)
      command = .case(options: checks.options)
    }
    let rows = try waitFor {
      var progress = ProgressBar(isWanted: true)
      defer { progress.finish() }
      return try await verification.run { done, total in
        progress.update(count: done, of: "cases", share: Double(done) / Double(total))
      }
    }
    let report = VerificationReport(
      environment: environment, rows: rows,
      seconds: (ContinuousClock.now - start) / .seconds(1), command: command)
    switch output.format {
    case .text:
      for line in choice.isOneCase ? report.caseLines : report.lines {
        try StandardOutput.line(line)
      }
    case .json: try StandardOutput.line(report.json)
    }
    return report.passes
  }

  /// Verifies the kernels of each OpenBLAS core; returns whether all pass.
  private func verifyCores() throws -> Bool {
    let start = ContinuousClock.now
    var progress = ProgressBar(isWanted: true)
    defer { progress.finish() }
    let results = try CoreVerification.run(caseCount: choice.cases, firstSeed: choice.seed) {
      progress.update(count: $0, of: "cores", share: Double($0) / Double($1))
    }
    progress.finish()
    let report = CoreReport(
      environment: environment, results: results,
      seconds: (ContinuousClock.now - start) / .seconds(1))
    switch output.format {
    case .text: for line in report.lines { try StandardOutput.line(line) }
    case .json: try StandardOutput.line(report.json)
    }
    return report.passes
  }
}

/// What to verify in place of random cases on the backends.
struct VerifyComparison: ParsableArguments {
  @Flag(
    help: """
      Verify the kernels of every processor family in this OpenBLAS that this processor can run \
      (OPENBLAS_CORETYPE), each in a child process.
      """)
  var cores = false

  @Option(
    help: ArgumentHelp(
      """
      Compare with arrays that another framework wrote, such as Scripts/verify-with-pytorch --write \
      FOLDER.
      """, valueName: "folder"))
  var against: String?

  mutating func validate() throws {
    if cores, against != nil { throw ValidationError("--cores and --against exclude each other") }
  }
}
