import Attention
import Foundation
import Testing

@Suite struct ProductGridTests {
  /// ATTENTION_THOROUGH=1 computes every size with every α and β, which takes two minutes in release.
  private static let isThorough =
    ProcessInfo.processInfo.environment["ATTENTION_THOROUGH"] == "1"

  @Test(arguments: KernelsUnderTest.multipliers)
  func `every size, transposition and leading dimension is within its bound`(
    _ subject: KernelsUnderTest
  ) throws {
    var grid = ProductGrid(
      kernels: subject.kernels, coverage: Self.isThorough ? .thorough : .sampled)
    // The reference backend is too slow for all four transpositions of each size.
    try grid.run(transpositions: subject.name == "Double" && !Self.isThorough ? 1 : 4)
    let report = grid.report
    #expect(report.failures.isEmpty, "\(report.failures.joined(separator: "\n"))")
    #expect(report.worstShare > 0 && report.worstShare <= 1)
    #expect(report.combinations.count == 64)
    if Self.isThorough {
      print(
        "\(subject.name): \(report.productCount) products, largest error \(report.worstShare)",
        "of its bound: \(report.worstProduct)")
    }
  }
}
