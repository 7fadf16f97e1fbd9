import Attention
import DemonstrationModels
import Testing

@testable import AttentionModels

/// Descriptions of models, options, texts and tokens.
struct DescriptionTests {
  @Test func `a generator shows its model and its tasks`() throws {
    let generator = try TextGenerator(DemonstrationModel.toyGPT2.directory())
    let text = "\(generator)"
    #expect(text.hasPrefix("TextGenerator(GPT2("), "\(text)")
    for part in ["layers", "hidden size", "heads", "vocabulary \(generator.model.vocabularySize)"] {
      #expect(text.contains(part), "\(text)")
    }
    #expect(text.count < 200)
    let toy = "\(try TextGenerator(DemonstrationModel.toyT5.directory()))"
    #expect(toy.contains("T5(") && toy.contains("tasks [\""), "\(toy)")
    #expect(
      "\(generator.tokenizer)" == "Tokenizer(vocabulary \(generator.tokenizer.vocabularySize))")
    let result = try generator.generate(["The cat sat"])[0][0]
    #expect(
      "\(result)".hasPrefix(#"GeneratedText(" in the garden because it was very tired."#),
      "\(result)")
    #expect("\(result)".contains("\(result.tokens.count) tokens, stop"), "\(result)")
    #expect("\(generator.stream("a \"b\"\u{1B}"))" == #"GeneratedTextStream("a \"b\"\u{1b}")"#)
  }

  @Test func `options show the differences from the defaults`() {
    #expect("\(GenerationOptions())" == "GenerationOptions()")
    var refused = GenerationOptions()
    refused.read("typical_p", .sampling) { () -> Int? in
      throw ModelError.configuration(path: "x", reason: "y")
    }
    #expect("\(refused)" == "GenerationOptions(refusals: [\"typical_p\": sampling])")
    var options = GenerationOptions()
    options.maxNewTokens = 10
    options.topK = nil
    options.stopStrings = [".", "\n"]
    options.suppressedTokens = Array(0..<1_000)
    #expect(
      "\(options)"
        == "GenerationOptions(maxNewTokens: 10, topK: nil, "
        + "suppressedTokens: [0, 1, 2, 3, 4, 5, 6, 7, …], stopStrings: [\".\", \"\\n\"])")
  }

  @Test func `tokens and texts are short, however long they are`() throws {
    let tokenizer = try TextGenerator(DemonstrationModel.toyGPT2.directory()).tokenizer
    let encoding = try tokenizer.encode(String(repeating: "the cat ", count: 500))
    #expect("\(encoding)".hasPrefix("Encoding(\(encoding.count) tokens ["), "\(encoding)")
    #expect("\(encoding)".hasSuffix(", …])") && "\(encoding)".count < 100, "\(encoding)")
    #expect("\(PackedTokens([[1, 2], [3]]))" == "PackedTokens(3 tokens, lengths [2, 1])")
    let token = GeneratedToken(id: 5, logProbability: -0.25)
    #expect("\(token)" == "GeneratedToken(5, log-probability -0.25)")
    let marks = "e" + String(repeating: "\u{301}", count: 100_000)
    let piece = GeneratedPiece(text: marks, tokens: [token])
    let shown = "\(piece)".unicodeScalars
    #expect(shown.starts(with: #"GeneratedPiece("e"#.unicodeScalars) && shown.count < 200)
    #expect("\(piece)".hasSuffix("…, 1 token)"))
  }

  @Test func `a configuration shows its keys and values`() throws {
    let model = try #require(
      try TextGenerator(DemonstrationModel.toyGPT2.directory()).model as? GPT2)
    let text = "\(model.configuration)"
    #expect(
      text.hasPrefix("GPT2.Configuration(vocabularySize: \(model.vocabularySize), "), "\(text)")
    #expect(text.contains("headCount: ") && !text.contains("Optional"), "\(text)")
  }
}
