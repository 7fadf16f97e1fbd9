import Testing

@testable import Tokenizers

@Suite struct TokenizerSpeedTests {
  /// Divisor of the text length: debug builds are about fifty times slower.
  #if DEBUG
    private static let share = 20
  #else
    private static let share = 1
  #endif

  @Test(arguments: [
    ("a", 1_000_000), ("_", 1_000_000), (".", 1_000_000), (" ", 1_000_000), ("[", 1_000_000),
    ("e\u{301}", 300_000), ("\u{315}\u{334}", 250_000), ("\u{1D15E}\u{301}", 150_000),
    ("[MASK", 200_000), ("[MASK]", 150_000), ("a.", 500_000), ("\u{4E2D}", 300_000),
    ("\u{D55C}", 300_000), ("a\u{0}", 500_000), ("\u{FDFA}", 300_000),
  ])
  func `encoding a megabyte of one repeated unit takes linear time`(
    unit: String, count: Int
  ) throws {
    let tokenizer = try Tokenizer(directory: TokenizerFixtures.path("small"))
    let text = String(repeating: unit, count: count / Self.share)
    let quarter = String(repeating: unit, count: count / Self.share / 4)
    let clock = ContinuousClock()
    _ = try tokenizer.encode(unit)
    let short = try clock.measure { _ = try tokenizer.encode(quarter) }
    let long = try clock.measure { _ = try tokenizer.encode(text) }
    // Quadratic time would take 16 times as long; the limit allows for a busy machine.
    #expect(long < short * 10 + .milliseconds(300), "\(short) then \(long)")
    #expect(long < .seconds(1))
  }
}
