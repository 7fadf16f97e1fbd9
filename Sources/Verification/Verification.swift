import AttentionCore
import Foundation

/// Compares every backend with the reference on random cases.
package struct Verification: Sendable {
  /// The checks that need no model, in the order of the report.
  package static let checks: [any VerificationCheck] = [
    GeneralProductCheck(), PackedProductCheck(), LinearCheck(), KernelCheck(), OperatorCheck(),
    GradientCheck(), CacheCheck(), LayerCheck(), RandomModelCheck(), BitCheck(),
  ]

  /// The subjects of one case, which share its exact results.
  private struct Group: Sendable {
    /// The name of the check, or of the operation of a folder.
    let check: String
    /// The name of the case without its subject: a seed or a path.
    let name: String
    let subjects: [VerificationSubject]
    let prepare: @Sendable () throws -> PreparedCase

    /// An error of the library in place of a result is a failure of the case.
    func measure() throws -> [Measurement] {
      let prepared = try prepare()
      return try subjects.map { subject in
        try Task.checkCancellation()
        do {
          return Measurement(input: prepared.input, try prepared.measure(subject))
        } catch let error as CancellationError {
          throw error
        } catch {
          return Measurement(
            input: "\(prepared.input): \(printable("\(error)"))", error: .infinity, bound: 0)
        }
      }
    }
  }

  private var groups: [Group] = []

  /// The number of cases.
  package var caseCount: Int { groups.reduce(0) { $0 + $1.subjects.count } }

  // MARK: Cases

  /// Consecutive seeds for each check.
  ///
  /// - Parameters:
  ///   - caseCount: the number of cases per check and subject; nil for the number of each check.
  ///   - firstSeed: the seed of the first case; each further case has the next seed.
  ///   - isThorough: `thoroughFactor` times as many cases, and `largeFactor` times as many large ones.
  package init(
    checks: [any VerificationCheck] = checks, subjects: [VerificationSubject],
    caseCount: Int? = nil, firstSeed: UInt64 = 1, isThorough: Bool = false
  ) {
    for check in checks {
      let count = caseCount ?? check.caseCount * (isThorough ? Self.thoroughFactor : 1)
      for index in 0..<count { add(check, subjects, seed: firstSeed &+ UInt64(index)) }
      guard isThorough else { continue }
      for index in 0..<check.caseCount * Self.largeFactor {
        add(check, subjects, seed: CaseGenerator.firstLargeSeed + UInt64(index))
      }
    }
  }

  package static let thoroughFactor = 50
  package static let largeFactor = 10

  /// The given cases.
  package init(_ cases: [Case]) {
    for one in cases { add(one.check, [one.subject], seed: one.seed) }
  }

  /// The cases in a folder that another framework wrote.
  package init(_ folder: AgainstFolder, subjects: [VerificationSubject]) {
    for one in folder.cases {
      groups.append(
        Group(check: one.operation, name: one.path, subjects: subjects, prepare: one.prepare))
    }
  }

  private mutating func add(
    _ check: any VerificationCheck, _ subjects: [VerificationSubject], seed: UInt64
  ) {
    groups.append(
      Group(check: check.name, name: "\(seed)", subjects: subjects) {
        var generator = CaseGenerator(seed: seed)
        return try check.prepare(&generator)
      })
  }

  // MARK: Running

  /// Runs all cases. Several groups run at the same time, one on each processor.
  ///
  /// - Parameter onProgress: called after each group with the number of cases so far and in total.
  /// - Throws: `CancellationError` in a task that has been cancelled, at the end of the running cases;
  ///   an error of a check before its results are compared.
  package func run(
    onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> [Row] {
    var rows = self.rows
    let total = caseCount
    var done = 0
    try await withThrowingTaskGroup(of: (Int, [Measurement]).self) { tasks in
      var next = 0
      func startNext() {
        guard next < groups.count else { return }
        let (index, group) = (next, groups[next])
        tasks.addTask {
          try Task.checkCancellation()
          return (index, try group.measure())
        }
        next += 1
      }
      for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) { startNext() }
      while let (index, measurements) = try await tasks.next() {
        let group = groups[index]
        for (subject, measurement) in zip(group.subjects, measurements) {
          rows.add(measurement, of: group.check, subject.name, group.name)
        }
        done += measurements.count
        onProgress(done, total)
        startNext()
      }
    }
    return rows.sorted
  }

  /// Empty rows, one for each check and subject, in the order of their first cases.
  private var rows: Rows {
    var rows = Rows()
    for group in groups {
      for subject in group.subjects { rows.insert(group.check, subject.name) }
    }
    return rows
  }

  /// The rows of the report. Cases end in any order, and only the worst one and the failures are kept.
  private struct Rows {
    private var rows: [Row] = []
    private var places: [String: Int] = [:]

    mutating func insert(_ check: String, _ subject: String) {
      let name = "\(check)/\(subject)"
      guard places[name] == nil else { return }
      places[name] = rows.count
      rows.append(Row(check: check, subject: subject))
    }

    mutating func add(
      _ measurement: Measurement, of check: String, _ subject: String, _ name: String
    ) {
      guard let place = places["\(check)/\(subject)"] else { return }
      rows[place].add(name, measurement)
    }

    /// The rows, with their failures in the order of the cases.
    var sorted: [Row] { rows.map(\.sorted) }
  }
}

extension Verification {
  /// One case: a check, a backend and a seed. Its text form is "CHECK/BACKEND/SEED".
  package struct Case: Sendable {
    let check: any VerificationCheck
    let subject: VerificationSubject
    let seed: UInt64

    package var id: String { "\(check.name)/\(subject.name)/\(seed)" }

    package init(check: any VerificationCheck, subject: VerificationSubject, seed: UInt64) {
      self.check = check
      self.subject = subject
      self.seed = seed
    }

    /// The case with the given id; nil if there is none.
    package init?(id: String, checks: [any VerificationCheck] = Verification.checks) {
      let parts = id.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 3, let seed = UInt64(parts[2]),
        let check = checks.first(where: { $0.name == parts[0] }),
        let subject = VerificationSubject.known.first(where: { $0.name == parts[1] })
      else { return nil }
      self.init(check: check, subject: subject, seed: seed)
    }
  }

  /// The results of one check with one backend.
  package struct Row: Sendable {
    package let check: String
    package let subject: String
    package private(set) var caseCount = 0
    /// The name and the error of the case with the largest error relative to its bound.
    package private(set) var worst: (name: String, measurement: Measurement)?
    package private(set) var failures: [(name: String, measurement: Measurement)] = []

    package init(check: String, subject: String) {
      (self.check, self.subject) = (check, subject)
    }

    package mutating func add(_ name: String, _ measurement: Measurement) {
      caseCount += 1
      if measurement.share > worst?.measurement.share ?? -1 { worst = (name, measurement) }
      if !measurement.passes { failures.append((name, measurement)) }
    }

    /// The same row with its failures in the order of the seeds.
    var sorted: Row {
      var row = self
      row.failures.sort { $0.name.localizedStandardCompare($1.name) == .orderedAscending }
      return row
    }
  }
}
