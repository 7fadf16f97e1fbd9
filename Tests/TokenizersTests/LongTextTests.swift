import TestSupport
import Testing

@testable import Tokenizers

/// Long texts of one repeated unit, which take hours if the time is quadratic in the length.
@Suite struct LongTextTests {
  /// Divisor of the text length: debug builds are about fifty times slower.
  #if DEBUG
    private static let share = 20
  #else
    private static let share = 1
  #endif

  private static let units: [(String, Int)] = [
    ("a", 1_000_000), ("_", 1_000_000), ("[", 1_000_000), (" ", 1_000_000), ("\n", 1_000_000),
    ("1", 1_000_000), (".", 1_000_000), ("'", 1_000_000), ("\u{301}", 500_000),
    ("e\u{301}", 300_000), ("\u{315}\u{334}", 250_000), ("\u{1D15E}\u{301}", 150_000),
    ("[MASK", 200_000), ("[MASK]", 150_000), ("a.", 500_000), ("\u{4E2D}", 300_000),
    ("\u{D55C}", 300_000), ("\u{1F600}", 250_000), ("\u{2581}", 300_000), (" \n", 500_000),
    ("\u{FDFA}", 150_000), ("the ", 250_000), ("\u{200D}", 300_000), ("a\u{0}", 500_000),
  ]

  @Test(
    .hangLimit,
    arguments: [
      "WordPiece", "gpt2", "llama3", "qwen2", "llama2", "gemma", "t5", "xlm-roberta", "words",
      "albert",
    ])
  func `a megabyte of one repeated unit is encoded`(name: String) throws {
    let folder =
      name == "WordPiece" ? TokenizerFixtures.path("small") : TokenizerFamilies.folder(name)
    let tokenizer = try Tokenizer(directory: folder)
    for (unit, count) in Self.units {
      let text = String(repeating: unit, count: count / Self.share)
      let encoding = try tokenizer.encode(text)
      let length = text.unicodeScalars.count
      #expect(encoding.offsets.count == encoding.ids.count)
      #expect(
        encoding.offsets.allSatisfy { 0 <= $0.lowerBound && $0.upperBound <= length },
        "\(unit.debugDescription)")
    }
  }
}
