import Attention
import TestSupport
import Testing

@testable import AttentionModels

@Suite struct TextTaskTests {
  /// The tasks in the configuration of t5-small.
  private static let config = """
    {"model_type": "t5", "task_specific_params": {
      "summarization": {"early_stopping": true, "length_penalty": 2.0, "max_length": 200,
        "min_length": 30, "no_repeat_ngram_size": 3, "num_beams": 4, "prefix": "summarize: "},
      "translation_en_to_de": {"early_stopping": true, "max_length": 300, "num_beams": 4,
        "prefix": "translate English to German: "},
      "translation_en_to_fr": {"early_stopping": true, "max_length": 300, "num_beams": 4,
        "prefix": "translate English to French: "}}}
    """

  private func generator(
    config: String = Self.config, tokenizerConfig: String? = nil, writing text: String = "the fox"
  ) throws -> TextGenerator {
    let folder = try TemporaryDirectory()
    try TokenizerFamilies.copy("Families/t5/tokenizer.json", into: folder)
    try folder.write(config.utf8, to: "config.json")
    if let tokenizerConfig { try folder.write(tokenizerConfig.utf8, to: "tokenizer_config.json") }
    let directory = try ModelDirectory(path: folder.path)
    let tokenizer = try Tokenizer(directory)
    let end = try #require(tokenizer.id(of: "</s>"))
    try folder.write(
      "{\"eos_token_id\": \(end), \"max_length\": 20}".utf8, to: "generation_config.json")
    let ids = try tokenizer.encode(text, addingSpecialTokens: false).ids + [end]
    var model = TableModel(writing: ids, vocabularySize: tokenizer.idBound)
    model.startToken = tokenizer.id(of: "<pad>")
    return try TextGenerator(directory, model: model)
  }

  @Test func `tasks are as the configuration describes them`() throws {
    let generator = try generator()
    #expect(
      generator.tasks.map(\.name) == [
        "summarization", "translation_en_to_de", "translation_en_to_fr",
      ])
    var options = generator.options
    #expect(options.maxLength == 20 && options.eosTokens?.count == 1)
    let french = try generator.translation(from: "en", to: "fr")
    #expect(french.prompt("Hi.") == "translate English to French: Hi.")
    options.earlyStopping = .whenFull
    options.beamCount = 4
    options.maxLength = 300
    #expect(french.options == options)
    options.lengthPenalty = 2
    options.maxLength = 200
    options.minLength = 30
    options.noRepeatNGramSize = 3
    let summary = generator.summarization()
    #expect(summary.options == options && summary.prefix == "summarize: ")
    #expect(generator.questionAnswering.options == generator.options)
    #expect(
      TextGenerator.prompt(question: "Who?", context: "I.") == "question: Who? context: I.")
    #expect(generator.languagePairs.map { "\($0.source)-\($0.target)" } == ["en-de", "en-fr"])
  }

  @Test func `texts are translated, summarized and answered in order`() throws {
    let generator = try generator()
    let translations = try generator.translate(["Hello.", "You."], from: "en", to: "fr")
    #expect(translations.map(\.text) == ["the fox", "the fox"])
    let prompt = try generator.tokenizer.encode("translate English to French: Hello.")
    #expect(translations[0].promptTokenCount == prompt.count)
    #expect(try generator.answer(["Who?"], context: "A fox.").map(\.text) == ["the fox"])
    #expect(try generator.summarize([]).isEmpty)
  }

  @Test func `an unknown pair of languages is refused with the supported pairs`()
    throws
  {
    let generator = try generator()
    let text = failureText { try generator.translate(["x"], from: "fr", to: "en") }
    #expect(text.contains("translation from fr to en"), "\(text)")
    #expect(text.contains("en to de, en to fr"), "\(text)")
    #expect(failureText { try generator.translate("x") }.contains("without languages"))
    #expect(failureText { try generator.translate("x", from: "en") }.contains("en to de, en to fr"))
    // Codes of ISO 639 and of other models name the same languages.
    for (source, target) in [("eng", "fra"), ("en-GB", "fr_XX"), ("eng_Latn", "fra_Latn")] {
      #expect(
        try generator.translation(from: source, to: target).name == "translation_en_to_fr")
    }
    #expect(try generator.translation(to: "de").name == "translation_en_to_de")
    #expect(generator.languages == ["en", "de", "fr"])
    // With a prefix, the configuration need not have the pair.
    let own = try generator.translation(from: "fr", to: "en", prefix: "French to English: ")
    #expect(own.prompt("x") == "French to English: x" && own.options == generator.options)
    #expect(failureText { try generator.task("x") }.contains("unsupported task x"))
  }

  @Test
  func `a model without tasks translates and summarizes as it generates, with a prefix if given`()
    throws
  {
    for config in ["", ", \"task_specific_params\": null", ", \"task_specific_params\": []"] {
      let generator = try generator(config: "{\"model_type\": \"t5\"\(config)}")
      #expect(generator.tasks.isEmpty)
      let plain = try generator.generate(["Hello."])[0][0]
      for text in [
        try generator.summarize(["Hello."])[0],
        try generator.translate(["Hello."])[0],
      ] {
        #expect(text.text == plain.text && text.promptTokenCount == plain.promptTokenCount)
      }
      #expect(generator.languages.isEmpty)
      let refusal = failureText { try generator.translate(["Hello."], from: "en", to: "fr") }
      #expect(
        refusal.contains("translation from en to fr: the model's files name no languages"),
        "\(refusal)")
      let prefixed = try generator.tokenizer.encode("summarize: Hello.").count
      #expect(
        try generator.summarize(["Hello."], prefix: "summarize: ")[0].promptTokenCount == prefixed)
      #expect(
        try generator.translate(["Hello."], from: "a", to: "b", prefix: "summarize: ")[0]
          .promptTokenCount == prefixed)
    }
    // The caller's prefix replaces the prefix in the configuration.
    #expect(try generator().summarization(prefix: "tl;dr: ").prompt("x") == "tl;dr: x")
    #expect(try generator().summarization(prefix: "").prompt("x") == "x")
  }

  @Test func `a task with a wrong setting is refused by name when it is performed, and not before`()
    throws
  {
    let cases = [
      (#"{"num_beam_groups": 2, "num_beams": 4}"#, "summarization.num_beam_groups"),
      (#"{"length_penalty": NaN, "num_beams": 4}"#, "summarization.length_penalty"),
      (#"{"prefix": 7}"#, "summarization.prefix: expected string"),
      (#"7"#, "task_specific_params.summarization: expected object"),
    ]
    for (settings, words) in cases {
      let generator = try generator(
        config: "{\"task_specific_params\": {\"summarization\": \(settings), \"b\": {}}}")
      #expect(try generator.generate(["x"])[0][0].text == "the fox")
      let text = failureText { try generator.summarize(["x"]) }
      #expect(text.contains("config.json: ") && text.contains(words), "\(text)")
    }
  }

  @Test func `a text longer than the tokenizer allows is refused or cut`() throws {
    let limited = try generator(tokenizerConfig: "{\"model_max_length\": 12}")
    #expect(limited.maxPromptLength == 12)
    let long = String(repeating: "fox ", count: 100)
    let text = failureText { try limited.generate(["x", long]) }
    #expect(text.contains("prompt 1: ") && text.contains("longer than the limit of 12"), "\(text)")
    #expect(try limited.generate([long], truncation: .cutEnd)[0][0].promptTokenCount == 12)
    #expect(try limited.generate(["x"])[0][0].text == "the fox")
    for none in ["1000000000000000019884624838656", "Infinity", "1e30", "null"] {
      let free = try generator(tokenizerConfig: "{\"model_max_length\": \(none)}")
      #expect(free.maxPromptLength == nil)
      #expect(try free.generate([long])[0][0].promptTokenCount > 100)
    }
    var freed = limited
    freed.maxPromptLength = nil
    #expect(try freed.generate([long])[0][0].promptTokenCount > 100)
    for wrong in ["0", "-1", "\"x\"", "NaN"] {
      let text = failureText {
        try generator(tokenizerConfig: "{\"model_max_length\": \(wrong)}")
      }
      #expect(text.contains("tokenizer_config.json: model_max_length"), "\(text)")
    }
  }

  @Test func `spaces are cleaned up if the tokenizer's configuration says so`() throws {
    let writing = "a fox , the"
    let plain = try generator(writing: writing)
    #expect(try plain.generate(["x"])[0][0].text == writing)
    let cleaning = try generator(
      tokenizerConfig: "{\"clean_up_tokenization_spaces\": true}", writing: writing)
    #expect(try cleaning.generate(["x"])[0][0].text == "a fox, the")
  }
}
