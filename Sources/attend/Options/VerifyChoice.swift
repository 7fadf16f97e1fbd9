import ArgumentParser
import AttentionCore
import AttentionModels
import Verification

/// The cases that `attend verify` computes.
struct VerifyChoice: ParsableArguments {
  @Option(
    help: ArgumentHelp("Checks, such as gemm,operator. (default: all)", valueName: "names"))
  var checks: String?

  @Option(
    help: ArgumentHelp(
      "Backends, such as openblas,portable. (default: all but the reference)",
      valueName: "names"))
  var backends: String?

  @Option(
    help: ArgumentHelp(
      "Model folder, or name of a model in a cache, for the check \"model\".",
      valueName: "folder-or-name"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Number of cases of each check on each backend. (default: 6 to 616, by check)",
      valueName: "count"))
  var cases: Int?

  @Option(
    help: ArgumentHelp(
      "Seed of the first case. Seeds from 1000000 on have larger shapes.", valueName: "number"))
  var seed: UInt64 = 1

  @Flag(
    help: """
      Run \(Verification.thoroughFactor) times as many cases and \(Verification.largeFactor) times as \
      many with larger shapes: for hours.
      """)
  var thorough = false

  @Option(
    name: .customLong("case"),
    help: ArgumentHelp(
      """
      Repeat one case, such as gemm/openblas/17, or the cases in a file: a list of cases, the text of a \
      report, or the failed cases of a report in JSON.
      """, valueName: "case-or-file"))
  var selection: String?

  mutating func validate() throws {
    if let cases, cases < 1 {
      throw ValidationError("--cases: expected at least 1, got \(cases)")
    }
    if thorough, cases != nil { throw ValidationError("--thorough and --cases exclude each other") }
    if selection != nil, thorough || cases != nil || checks != nil || backends != nil {
      throw ValidationError(
        "--case excludes --checks, --backends, --cases and --thorough")
    }
    _ = try subjects(default: VerificationSubject.all)
    if model == nil {
      _ = try verification(VerifyChecks(model: nil))
    }
  }

  /// Whether no option chooses cases by check, name or model.
  var isDefaultSelection: Bool {
    checks == nil && selection == nil && model == nil && !thorough
  }

  /// Whether the command asks for a single case by its name.
  var isOneCase: Bool {
    let parts = (selection ?? "").split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 3 && UInt64(parts[2]) != nil
  }

  /// The chosen cases.
  ///
  /// - Throws: `ValidationError` for an unknown name; the errors of reading a file.
  func verification(_ checks: VerifyChecks) throws -> Verification {
    if let selection {
      return Verification(try Self.cases(selection, checks.all))
    }
    return Verification(
      checks: try chosen(self.checks, of: checks.all, option: "--checks", \.name),
      subjects: try subjects(default: VerificationSubject.all), caseCount: cases, firstSeed: seed,
      isThorough: thorough)
  }

  /// The backends that the user chose.
  func subjects(default all: [VerificationSubject]) throws -> [VerificationSubject] {
    backends == nil
      ? all : try chosen(backends, of: VerificationSubject.known, option: "--backends", \.name)
  }

  /// The elements whose names are in a list with commas; all for nil.
  private func chosen<Element>(
    _ list: String?, of all: [Element], option: String, _ name: (Element) -> String
  ) throws -> [Element] {
    guard let list else { return all }
    return try list.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let element = all.first(where: { name($0) == part }) else {
        throw ValidationError(
          """
          \(option): unknown name '\(printable(String(part)))'; expected one of \
          \(all.map(name).joined(separator: ", "))
          """)
      }
      return element
    }
  }

  // MARK: Cases by name

  /// The case with a name, or the cases in the file with this path.
  private static func cases(
    _ selection: String, _ checks: [any VerificationCheck]
  ) throws -> [Verification.Case] {
    if let one = Verification.Case(id: selection, checks: checks) { return [one] }
    let names = checks.map(\.name).joined(separator: ", ")
    let backends = VerificationSubject.known.map(\.name).joined(separator: ", ")
    guard let bytes = try? InputFile.contents(ofFile: selection, limit: 64 << 20) else {
      throw ValidationError(
        """
        --case: no case and no file '\(printable(selection))'; expected a file, or CHECK/BACKEND/SEED \
        with a check of \(names) and a backend of \(backends)
        """)
    }
    let list = VerificationCaseList(bytes)
    guard !list.ids.isEmpty else {
      throw ValidationError(
        "--case: \(printable(selection)): no \(list.isReport ? "failed case" : "case") in the file")
    }
    return try list.ids.map { id in
      guard let one = Verification.Case(id: id, checks: checks) else {
        throw ValidationError(
          """
          --case: \(printable(selection)): no case '\(printable(id))'; expected a check of \(names) and \
          a backend of \(backends)
          """)
      }
      return one
    }
  }
}
