/// A kind of computation that is compared with the reference. A seed determines the sizes, the options and
/// the numbers of a case.
package protocol VerificationCheck: Sendable {
  /// The name in tables and in the ids of cases.
  var name: String { get }
  /// What the check computes, in a few words.
  var summary: String { get }
  /// The number of cases per subject, unless the user asks for another number.
  var caseCount: Int { get }

  /// Chooses a case and computes its exact results, which all subjects share.
  func prepare(_ generator: inout CaseGenerator) throws -> PreparedCase
}

/// A case whose exact results and bounds are known.
package struct PreparedCase: Sendable {
  /// The sizes and options, for people.
  package let input: String
  /// Computes the case on a subject and compares the results with the exact ones.
  let measure: @Sendable (VerificationSubject) throws -> ErrorMeter

  init(_ input: String, measure: @escaping @Sendable (VerificationSubject) throws -> ErrorMeter) {
    self.input = input
    self.measure = measure
  }
}

/// The error of one case.
package struct Measurement: Sendable {
  /// The sizes and options, for people.
  package let input: String
  /// The largest error relative to its bound, and that error and bound.
  package let error: Double
  package let bound: Double

  package init(input: String, error: Double, bound: Double) {
    self.input = input
    self.error = error
    self.bound = bound
  }

  init(input: String, _ meter: ErrorMeter) {
    self.init(input: input, error: meter.error, bound: meter.bound)
  }

  /// The error divided by the bound.
  package var share: Double { errorShare(error, of: bound) }
  package var passes: Bool { error <= bound && error != .infinity }
}
