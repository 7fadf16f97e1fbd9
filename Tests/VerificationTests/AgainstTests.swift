import Attention
import Foundation
import TestSupport
import Testing

@testable import Verification

/// Folders of another framework.
@Suite struct AgainstTests {
  private let directory: TemporaryDirectory
  private let x: OperatorArguments

  init() throws {
    directory = try TemporaryDirectory()
    var generator = CaseGenerator(seed: 5)
    x = OperatorArguments(
      queries: try generator.normal([5, 4, 8]), keys: try generator.normal([7, 2, 8]),
      values: try generator.normal([7, 2, 3]),
      options: AttentionOptions(
        scale: 0.25, softcap: 3, bias: try generator.normal([5, 7]),
        mask: AttentionMask.causal.intersection(.window(left: 3, right: nil)),
        sinks: try generator.normal([4])), description: "")
  }

  /// Writes the case, with `change` added to one number of the result.
  private func write(change: Double = 0, isFloat32: Bool = false) throws -> String {
    let folder = try directory.makeDirectory("case")
    let exact = try ReferenceAttention(
      queries: x.queries, keys: x.keys, values: x.values, options: x.options)
    var output = exact.output
    output[3] += change
    try NPYArray(
      shape: [5, 4, 3],
      elements: isFloat32 ? .float32(output.map { Float($0) }) : .float64(output)
    ).write(to: "\(folder)/output.npy")
    try NPYArray(shape: [4, 5], elements: .float64(exact.logSumExp))
      .write(to: "\(folder)/log_sum_exp.npy")
    for (name, tensor) in [
      ("queries", x.queries), ("keys", x.keys), ("values", x.values), ("bias", x.options.bias),
      ("sinks", x.options.sinks),
    ] { try tensor?.writeNPY(to: "\(folder)/\(name).npy") }
    try directory.write(
      """
      {"operation": "attention", "scale": 0.25, "softcap": 3, "causal": "bottom-right",
       "window": [3, -1]}
      """.utf8, to: "case/case.json")
    return directory.path("")
  }

  private func rows(_ path: String) async throws -> [Verification.Row] {
    try await Verification(
      AgainstFolder(path: path), subjects: [.reference] + VerificationSubject.all
    ).run()
  }

  @Test func `right results pass, and a wrong number fails on every backend`() async throws {
    for isFloat32 in [false, true] {
      let right = try await rows(try write(isFloat32: isFloat32))
      #expect(right.count == VerificationSubject.all.count + 1)
      #expect(right.allSatisfy { $0.check == "attention" && $0.failures.isEmpty }, "\(right)")
    }
    let wrong = try await rows(try write(change: 1e-5))
    #expect(wrong.allSatisfy { $0.failures.count == 1 })
    let report = VerificationReport(
      environment: .current(version: "1"), rows: wrong, seconds: 1, command: .against)
    #expect(
      report.lines.contains {
        $0.hasPrefix("attend verify --against ")
          && $0.contains("case --backends openblas  # case: ")
      })
  }

  @Test func `damaged folders are refused by name`() throws {
    _ = try write()
    for (text, part) in [
      ("{}", "operation"), (#"{"operation": "tea"}"#, "tea"), ("[", "case.json"),
    ] {
      try directory.write(text.utf8, to: "case/case.json")
      #expect(throws: (any Error).self) { try AgainstFolder(path: directory.path("case")) }
      do { _ = try AgainstFolder(path: directory.path("")) } catch {
        #expect("\(error)".contains(part), "\(error)")
      }
    }
    let empty = try directory.makeDirectory("empty")
    #expect(throws: AttentionError.self) { try AgainstFolder(path: empty) }
  }
}
