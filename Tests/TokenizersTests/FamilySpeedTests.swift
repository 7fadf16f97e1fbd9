import Testing

@testable import Tokenizers

@Suite struct FamilySpeedTests {
  /// Divisor of the text length: debug builds are about fifty times slower.
  #if DEBUG
    private static let share = 20
  #else
    private static let share = 1
  #endif

  private static let units: [(String, Int)] = [
    ("a", 1_000_000), (" ", 1_000_000), ("\n", 1_000_000), ("1", 1_000_000), (".", 1_000_000),
    ("'", 1_000_000), ("\u{301}", 500_000), ("e\u{301}", 300_000), ("\u{4E2D}", 300_000),
    ("\u{1F600}", 250_000), ("\u{2581}", 300_000), (" \n", 500_000), ("\u{FDFA}", 150_000),
    ("the ", 250_000), ("\u{200D}", 300_000), ("\u{0}", 500_000),
  ]

  @Test(arguments: [
    "gpt2", "llama3", "qwen2", "llama2", "gemma", "t5", "xlm-roberta", "words", "albert",
  ])
  func `encoding a megabyte of one repeated unit takes linear time`(name: String) throws {
    let tokenizer = try FamilyFixtures.tokenizer(name)
    let clock = ContinuousClock()
    for (unit, count) in Self.units {
      let text = String(repeating: unit, count: count / Self.share)
      let quarter = String(repeating: unit, count: count / Self.share / 4)
      _ = try tokenizer.encode(unit)
      let short = try clock.measure { _ = try tokenizer.encode(quarter) }
      let long = try clock.measure { _ = try tokenizer.encode(text) }
      // Quadratic time would take 16 times as long; the limit allows for a busy machine.
      #expect(
        long < short * 10 + .milliseconds(500), "\(unit.debugDescription) \(short) then \(long)")
      #expect(long < .seconds(3), "\(unit.debugDescription)")
    }
  }
}
