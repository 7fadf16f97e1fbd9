import Attention
import Benchmarks
import Testing

@testable import Verification

/// `attend verify`: correct backends pass, wrong ones fail, and an id repeats its case.
@Suite struct VerificationTests {
  private static let names = Verification.checks.map(\.name)

  @Test func `every check passes on every backend`() throws {
    let rows = try Verification(subjects: VerificationSubject.all, caseCount: 4).run()
    #expect(rows.count == Verification.checks.count * VerificationSubject.all.count)
    for row in rows {
      #expect(row.caseCount == 4)
      #expect(row.failures.isEmpty, "\(row.check), \(row.subject): \(row.failures)")
    }
  }

  /// Portable kernels, of which one function is wrong by a thousandth of its largest element.
  private struct WrongKernels: Kernels {
    let wrong: String

    private func spoil(_ x: UnsafeMutablePointer<Float>, _ name: String) {
      if name == wrong { x.pointee = x.pointee * 1.01 + 0.01 }
    }

    func multiply(_ product: MatrixProduct) throws {
      try PortableKernels().multiply(product)
      spoil(product.c, "general product")
    }

    func multiply(_ product: PanelProduct) {
      PortableKernels().multiply(product)
      spoil(product.c, "panel product")
    }

    func exponentials(_ row: UnsafeMutableBufferPointer<Float>, minus shift: Float) -> Float {
      let sum = PortableKernels().exponentials(row, minus: shift)
      if let base = row.baseAddress { spoil(base, "exponentials") }
      return sum
    }
  }

  @Test(arguments: [
    ("general product", "gemm"), ("general product", "gradients"), ("panel product", "linear"),
    ("panel product", "operator"), ("panel product", "layers"), ("exponentials", "functions"),
    ("exponentials", "operator"),
  ])
  func `a wrong kernel fails`(wrong: String, check: String) throws {
    let subject = VerificationSubject(
      name: "wrong", backend: Backend(name: "wrong", kernels: WrongKernels(wrong: wrong)))
    let rows = try Verification(
      checks: Verification.checks.filter { $0.name == check }, subjects: [subject], caseCount: 20
    ).run()
    let failures = try #require(rows.first).failures
    #expect(!failures.isEmpty)
    let report = VerificationReport(
      machine: .current(version: "1"), rows: rows, seconds: 1)
    #expect(!report.passes)
    #expect(report.lines.contains { $0.hasPrefix("attend verify --case \(failures[0].id): ") })
    #expect(report.lines.last?.contains("of 20 cases are out of bounds") == true)
    #expect(report.json.contains("\"failed\": \(failures.count)"))
  }

  @Test func `an id repeats its case`() throws {
    for check in Self.names {
      let one = try #require(Verification.find("\(check)/portable/7"))
      #expect(one.id == "\(check)/portable/7")
      let (first, second) = (try one.measure(), try one.measure())
      #expect(first.input == second.input && first.error == second.error)
      #expect(first.bound == second.bound && first.passes)
    }
    for id in ["", "gemm", "gemm/portable", "gemm/portable/x", "gemm/nothing/1", "x/portable/1"] {
      #expect(Verification.find(id) == nil)
    }
  }

  @Test func `cases differ in their sizes and options`() throws {
    for check in Self.names {
      let inputs = try (1...30).map {
        try #require(Verification.find("\(check)/portable/\($0)")).measure().input
      }
      #expect(Set(inputs).count >= 25, "\(check)")
    }
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
  }

  @Test func `all cases of a default run are at least 5,000 on x86-64 with AVX2`() {
    let perSubject = Verification.checks.reduce(0) { $0 + $1.caseCount }
    #expect(perSubject * 5 >= 5_000)
  }
}
