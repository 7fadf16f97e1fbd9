import Attention
import Foundation
import TestSupport
import Testing

@testable import Verification

/// `attend verify`: correct backends pass, wrong ones fail, and an id repeats its case.
@Suite struct VerificationTests {
  private static let names = Verification.checks.map(\.name)

  @Test func `every check passes on every backend`() async throws {
    let rows = try await Verification(subjects: VerificationSubject.all, caseCount: 4).run()
    #expect(rows.count == Verification.checks.count * VerificationSubject.all.count)
    for row in rows {
      #expect(row.caseCount == 4)
      #expect(row.failures.isEmpty, "\(row.check), \(row.subject): \(row.failures)")
    }
  }

  @Test func `large cases pass, too`() async throws {
    let rows = try await Verification(
      subjects: [VerificationSubject.all[0]], caseCount: 7,
      firstSeed: CaseGenerator.firstLargeSeed
    ).run()
    for row in rows { #expect(row.failures.isEmpty, "\(row.check): \(row.failures)") }
  }

  /// Portable kernels, of which one function is wrong by about a ten-thousandth.
  private struct WrongKernels: Kernels {
    let wrong: String

    private func spoil(_ x: UnsafeMutablePointer<Float>, _ name: String) {
      if name == wrong { x.pointee = x.pointee * 1.0001 + 1e-4 }
    }

    func multiply(_ product: MatrixProduct) throws {
      try PortableKernels().multiply(product)
      spoil(product.c, "general product")
    }

    func multiply(_ product: PanelProduct) {
      PortableKernels().multiply(product)
      spoil(product.c, "panel product")
    }

    func scoreKeys(_ product: CacheProduct) {
      PortableKernels().scoreKeys(product)
      spoil(product.result, "scores")
    }

    func exponentials(_ row: UnsafeMutableBufferPointer<Float>, minus shift: Float) -> Float {
      let sum = PortableKernels().exponentials(row, minus: shift)
      if let base = row.baseAddress { spoil(base, "exponentials") }
      return sum
    }

    func layerNorm(
      _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>,
      bias: UnsafePointer<Float>, epsilon: Float
    ) {
      PortableKernels().layerNorm(row, weight: weight, bias: bias, epsilon: epsilon)
      if let base = row.baseAddress { spoil(base, "norm") }
    }
  }

  private func wrong(_ name: String) -> VerificationSubject {
    VerificationSubject(
      name: "wrong", backend: Backend(name: "wrong", kernels: WrongKernels(wrong: name)))
  }

  private func rows(
    _ check: String, _ subject: VerificationSubject, caseCount: Int = 44
  ) async throws -> Verification.Row {
    try #require(
      try await Verification(
        checks: Verification.checks.filter { $0.name == check }, subjects: [subject],
        caseCount: caseCount
      ).run().first)
  }

  @Test(arguments: [
    ("general product", "gemm"), ("general product", "gradients"), ("panel product", "panels"),
    ("panel product", "linear"), ("panel product", "operator"), ("panel product", "layers"),
    ("panel product", "models"), ("exponentials", "kernels"), ("exponentials", "operator"),
    ("scores", "cache"), ("norm", "kernels"), ("norm", "layers"),
  ])
  func `a wrong kernel fails`(wrong name: String, check: String) async throws {
    let row = try await rows(check, wrong(name))
    #expect(!row.failures.isEmpty)
    let report = VerificationReport(
      environment: .current(version: "1"), rows: [row], seconds: 1)
    #expect(!report.passes)
    let command = "attend verify --case \(check)/wrong/\(row.failures[0].name)  # "
    #expect(report.lines.contains { $0.hasPrefix(command) })
    #expect(report.lines.last?.contains("of 44 cases") == true)
    #expect(report.json.contains("\"failed\": \(row.failures.count)"))
    // The failed cases of the report in JSON are the cases of `--case FILE`.
    let list = VerificationCaseList(Array(report.json.utf8))
    #expect(list.ids == row.failures.map { "\(check)/wrong/\($0.name)" })
  }

  /// Adds numbers whose bits depend on the number of rows.
  private struct UnequalKernels: Kernels {
    func multiply(_ product: PanelProduct) {
      PortableKernels().multiply(product)
      if product.m > 40, product.n > 0 { product.c.pointee = product.c.pointee.nextUp }
    }
  }

  @Test func `bits that depend on the batch fail`() async throws {
    let subject = VerificationSubject(
      name: "unequal", backend: Backend(name: "unequal", kernels: UnequalKernels()))
    #expect(try await !rows("bits", subject, caseCount: 14).failures.isEmpty)
  }

  @Test func `an error of the library is a failed case`() async throws {
    struct FailingKernels: Kernels {
      func multiply(_ product: MatrixProduct) throws {
        throw AttentionError.memory(byteCount: 7, purpose: "a test")
      }
    }
    let subject = VerificationSubject(
      name: "failing", backend: Backend(name: "failing", kernels: FailingKernels()))
    let row = try await rows("gemm", subject, caseCount: 2)
    #expect(row.failures.count == 2 && row.failures[0].measurement.input.contains("a test"))
  }

  @Test func `an id repeats its case`() async throws {
    for check in Self.names {
      let one = try #require(Verification.Case(id: "\(check)/portable/7"))
      #expect(one.id == "\(check)/portable/7")
      let first = try #require(try await Verification([one]).run().first?.worst)
      let second = try #require(try await Verification([one]).run().first?.worst)
      #expect(first.name == "7" && first.measurement.input == second.measurement.input)
      #expect(first.measurement.error == second.measurement.error)
      #expect(first.measurement.bound == second.measurement.bound && first.measurement.passes)
    }
    for id in ["", "gemm", "gemm/portable", "gemm/portable/x", "gemm/nothing/1", "x/portable/1"] {
      #expect(Verification.Case(id: id) == nil)
    }
  }

  @Test func `consecutive seeds go through every combination of the operator's options`() throws {
    var descriptions = Set<String>()
    for seed in 1...UInt64(OperatorArguments.combinationCount) {
      var generator = CaseGenerator(seed: seed)
      let x = try OperatorArguments(&generator, mostScores: 60)
      // Without the sizes and the lengths: mask, change of the scores, packed, sinks.
      let names = x.description.split(separator: ", ").dropFirst(4)
        .filter { !$0.contains("scale") }.map { $0.hasPrefix("packed") ? "packed" : $0 }
        .filter { !$0.first!.isNumber && !$0.contains("×") && !$0.contains("]") }
      let isGrouped = x.queries.shape[1] != x.keys.shape[1]
      descriptions.insert("\(names) \(isGrouped)")
    }
    #expect(OperatorArguments.combinationCount == 11 * 7 * 2 * 2 * 2)
    #expect(descriptions.count == OperatorArguments.combinationCount)
  }

  @Test func `large seeds choose larger shapes`() {
    func largest(from first: UInt64) -> Int {
      (first..<first + 200).map {
        var generator = CaseGenerator(seed: $0)
        return generator.size(1...100)
      }.max() ?? 0
    }
    #expect((80...100).contains(largest(from: 1)))
    #expect((240...300).contains(largest(from: CaseGenerator.firstLargeSeed)))
  }

  @Test func `a cancelled verification throws`() async throws {
    let verification = Verification(subjects: VerificationSubject.all)
    let task = Task { try await verification.run() }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func `a missing number and a number in place of NaN are infinite errors`() {
    var meter = ErrorMeter()
    meter.add(1, 1, within: 0)
    #expect(meter.error == 0)
    meter.add(.nan, 1, within: 1)
    #expect(meter.error == .infinity)
    meter = ErrorMeter()
    meter.add([1], [1, 2], within: 1)
    #expect(meter.error == .infinity)
    meter = ErrorMeter()
    meter.add(2, 1, within: 4)
    meter.add(1.5, 1, within: 1)
    meter.add(3, 1, within: 10)
    #expect(meter.error == 0.5 && meter.bound == 1)
    meter = ErrorMeter()
    meter.add(0.5, 0, within: .infinity)
    meter.add(.nan, 0, within: .infinity)
    #expect(meter.error == .infinity && !Measurement(input: "", meter).passes)
    meter = ErrorMeter()
    meter.addBits([0], [-0.0])
    #expect(meter.error == 1 && meter.bound == 0)
  }

  @Test func `narrow formats round to nearest, ties to even`() {
    #expect(NarrowFormat.bfloat16.rounded(1 + 0x1p-8) == 1)
    #expect(NarrowFormat.bfloat16.rounded(1 + 3 * 0x1p-8) == 1 + 0x1p-6)
    #expect(NarrowFormat.float16.rounded(0x1p-25) == 0)
    #expect(NarrowFormat.float16.rounded(0x1.8p-25) == 0x1p-24)
    #expect(NarrowFormat.float16.rounded(65_504) == 65_504)
    #expect(quantizedToInt8([127, 1.5, -127], blockLength: 2) == [127, 2, -127])
  }

  @Test func `all cases of a default run are at least 5,000`() {
    // OpenBLAS, portable and one instruction set.
    #expect(Verification.checks.reduce(0) { $0 + $1.caseCount } * 3 >= 5_000)
    let thorough = Verification(subjects: [.reference], isThorough: true).caseCount
    let plain = Verification(subjects: [.reference]).caseCount
    #expect(
      thorough == plain * (Verification.thoroughFactor + Verification.largeFactor))
  }
}
