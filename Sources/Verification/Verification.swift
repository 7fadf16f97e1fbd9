import Foundation

/// Compares every backend with the reference on random cases.
package struct Verification {
  /// All checks, in the order of the report.
  package static let checks: [any VerificationCheck] = [
    GeneralProductCheck(), LinearCheck(), FunctionCheck(), OperatorCheck(), GradientCheck(),
    LayerCheck(), BatchCheck(),
  ]

  package let checks: [any VerificationCheck]
  package let subjects: [VerificationSubject]
  /// The number of cases per check and subject; nil for the number of each check.
  package let caseCount: Int?
  /// The seed of the first case; each further case has the next seed.
  package let firstSeed: UInt64

  package init(
    checks: [any VerificationCheck] = checks, subjects: [VerificationSubject],
    caseCount: Int? = nil, firstSeed: UInt64 = 1
  ) {
    self.checks = checks
    self.subjects = subjects
    self.caseCount = caseCount
    self.firstSeed = firstSeed
  }

  /// One case: a check, a backend and a seed. Its text form is "CHECK/BACKEND/SEED".
  package struct Case: Sendable {
    package let check: any VerificationCheck
    package let subject: VerificationSubject
    package let seed: UInt64

    package var id: String { "\(check.name)/\(subject.name)/\(seed)" }

    package func measure() throws -> Measurement {
      var generator = CaseGenerator(seed: seed)
      return try check.measure(subject, &generator)
    }
  }

  /// The case with the given id; nil if there is none.
  package static func find(_ id: String) -> Case? {
    let parts = id.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, let seed = UInt64(parts[2]),
      let check = checks.first(where: { $0.name == parts[0] }),
      let subject = VerificationSubject.all.first(where: { $0.name == parts[1] })
    else { return nil }
    return Case(check: check, subject: subject, seed: seed)
  }

  /// Runs all cases.
  ///
  /// - Parameter onProgress: called after each case with the number of cases so far and in total.
  package func run(onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws -> [Row] {
    let total = checks.reduce(0) { $0 + (caseCount ?? $1.caseCount) } * subjects.count
    var (rows, done) = ([Row](), 0)
    for check in checks {
      for subject in subjects {
        var row = Row(check: check.name, subject: subject.name)
        for index in 0..<(caseCount ?? check.caseCount) {
          let one = Case(check: check, subject: subject, seed: firstSeed &+ UInt64(index))
          row.add(one.id, try one.measure())
          done += 1
          onProgress(done, total)
        }
        rows.append(row)
      }
    }
    return rows
  }

  /// The results of one check with one backend.
  package struct Row: Sendable {
    package let check: String
    package let subject: String
    package private(set) var caseCount = 0
    /// The case with the largest error relative to its bound.
    package private(set) var worst: (id: String, measurement: Measurement)?
    package private(set) var failures: [(id: String, measurement: Measurement)] = []

    init(check: String, subject: String) {
      (self.check, self.subject) = (check, subject)
    }

    mutating func add(_ id: String, _ measurement: Measurement) {
      caseCount += 1
      if measurement.share > worst?.measurement.share ?? -1 { worst = (id, measurement) }
      if !measurement.passes { failures.append((id, measurement)) }
    }
  }
}
