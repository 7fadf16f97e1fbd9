import Testing

@testable import attend

@Suite struct ProgressBarTests {
  private func text(
    _ count: Int, _ share: Double?, seconds: Double, columns: Int = 100
  ) -> String {
    ProgressBar.text(count: count, of: "rows", share: share, seconds: seconds, columns: columns)
  }

  @Test(
    arguments: [
      (0.5, 10, "about 10 s left"), (0.25, 10, "about 30 s left"), (0.9, 900, "about 2 min left"),
      (0.1, 1_200, "about 3 h left"), (0.000_001, 10, "days left"), (0.999, 1, "about 1 s left"),
    ] as [(Double, Double, String)])
  func `The remaining time is extrapolated from the time so far`(
    share: Double, seconds: Double, left: String
  ) {
    #expect(text(5, share, seconds: seconds).hasSuffix(", \(left)"))
  }

  @Test func `A rate below one per second is not shown`() {
    #expect(!text(5, 0.5, seconds: 10).contains("/s"))
    #expect(text(50, 0.5, seconds: 10).contains("50 rows, 5/s, about 10 s left"))
  }

  @Test func `There is no remaining time for an unknown fraction, or for 0 and 1`() {
    #expect(text(50, nil, seconds: 10) == "50 rows, 5/s")
    for share in [0, 1, 1.5] { #expect(!text(5, share, seconds: 10).contains("left")) }
  }

  @Test(arguments: [20, 30, 40, 50, 60, 70, 80, 200])
  func `A line fits the terminal`(columns: Int) {
    let line = text(12, 0.5, seconds: 3, columns: columns)
    #expect(line.count < columns && line.contains("12 rows"), "\(line)")
    #expect(line.contains("█") == (columns >= 70), "\(line)")
  }
}
