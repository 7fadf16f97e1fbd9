import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Translation by models with language tokens, compared with transformers: `Scripts/fixtures/translations.py`.
@Suite struct TranslationTests {
  private struct Case {
    let model: String
    let source: String?
    let target: String
    let texts: [String]
    let prompts: [[Int]]
    /// The new tokens and the text of each translation.
    let results: [(ids: [Int], text: String)]
  }

  private static func cases() throws -> [Case] {
    let path = Fixtures.path("Translation/results.json")
    let json = try JSON.parse(InputFile.contents(ofFile: path, limit: 1 << 20))
    func integers(_ json: JSON?) throws -> [Int] {
      try #require(json?.array).map { try #require($0.integer) }
    }
    return try #require(json.array).map { value in
      let file = ConfigurationReader(path: path, object: try #require(value.object))
      return Case(
        model: try file.string("model"), source: try file.optionalString("source"),
        target: try file.string("target"),
        texts: try file.array("texts").map { try #require($0.string) },
        prompts: try file.array("prompts").map { try integers($0) },
        results: try file.array("results").map {
          let row = try #require($0.object)
          return (try integers(row["ids"]), try #require(row["text"]?.string))
        })
    }
  }

  private static func generator(_ model: String) throws -> TextGenerator {
    try TextGenerator(ModelDirectory(path: Fixtures.path("Translation/\(model)")))
  }

  @Test func `prompts, tokens and texts are those of transformers`() throws {
    let cases = try Self.cases()
    try #require(cases.count >= 8)
    for test in cases {
      let generator = try Self.generator(test.model)
      let task = try generator.translation(from: test.source, to: test.target)
      let prepared = try generator.prepared(for: task)
      for (text, expected) in zip(test.texts, test.prompts) {
        let prompt = try prepared.prompt(
          task.prompt(text), options: task.options, truncation: .refuse)
        #expect(prompt == expected, "\(test.model), \(text)")
      }
      let found = try generator.translate(test.texts, from: test.source, to: test.target)
      #expect(found.map { $0.tokens.map(\.id) } == test.results.map(\.ids), "\(test.model)")
      #expect(found.map(\.text) == test.results.map(\.text), "\(test.model)")
      let alone = try generator.translate(test.texts[1], from: test.source, to: test.target)
      #expect(alone.text == test.results[1].text)
    }
  }

  @Test(arguments: [
    ("m2m", "eng_Latn", "fr_XX"), ("mbart", "fra", "en"), ("nllb", "en", "fr"),
    ("marian", "en", "fr"),
  ])
  func `languages may be named as in other models`(
    model: String, source: String, target: String
  ) throws {
    let test = try #require(try Self.cases().first { $0.model == model })
    let found = try Self.generator(model).translate(test.texts, from: source, to: target)
    #expect(found.map(\.text) == test.results.map(\.text))
  }

  @Test func `a generator lists its languages`() throws {
    #expect(
      try Self.generator("nllb").languages == ["eng_Latn", "fra_Latn", "zho_Hans", "zho_Hant"])
    #expect(try Self.generator("m2m").languages.count == 100)
    #expect(try Self.generator("mbart").languages.contains("ro_RO"))
    #expect(try Self.generator("marian").languages == ["fra", "de", "cmn_Hans"])
  }

  @Test(
    arguments: [
      ("nllb", "en", "de", ["target language de", "eng_Latn, fra_Latn, zho_Hans, zho_Hant)"]),
      ("nllb", "xx", "fr", ["source language xx", "eng_Latn"]),
      ("m2m", "en", "tlh", ["target language tlh", "af, am, ar", "… and 88 more)"]),
      ("m2m", "en", nil, ["without a target language", "af, am, ar"]),
      ("marian", "de", "fr", ["source language de", "(supported: en)"]),
      ("marian", nil, nil, ["without a target language", "fra, de, cmn_Hans"]),
    ] as [(String, String?, String?, [String])])
  func `an unknown language is refused with the model's languages`(
    model: String, source: String?, target: String?, words: [String]
  ) throws {
    let text = failureText {
      try Self.generator(model).translate("x", from: source, to: target)
    }
    for word in words { #expect(text.contains(word), "\(text)") }
    #expect(text.contains("Translation/\(model)"), "\(text)")
  }

  @Test func `a task may have any source language of the model`() throws {
    let generator = try Self.generator("nllb")
    var task = try generator.translation(to: "fr")
    #expect(task.sourceLanguage == nil)
    task.sourceLanguage = "zh"
    #expect(try generator.prepared(for: task).tokenizer.encode("x").tokens.first == "zho_Hans")
    task.sourceLanguage = "de"
    #expect(failureText { try generator.perform(task, "x") }.contains("source language de"))
  }

  @Test func `mBART's translation starts with its language, unless the files name one`() throws {
    let generator = try Self.generator("mbart")
    let id = try #require(generator.tokenizer.id(of: "ro_RO"))
    let task = try generator.translation(to: "ro")
    #expect(task.options.startToken == id && task.options.forcedFirstToken == nil)
    #expect(try generator.translation().options.startToken == nil)
    var options = generator.options
    options.startToken = generator.model.vocabularySize
    #expect(failureText { try generator.generate("x", options: options) }.contains("startToken"))
  }

  @Test func `a Marian model for one pair needs no languages, and accepts only these`() throws {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "Translation/marian")
    try folder.edit("vocab.json", replacing: ">>", with: "> >")
    let directory = try ModelDirectory(path: folder.path)
    let generator = try TextGenerator(directory)
    #expect(generator.languages == ["en", "fr"])
    #expect(generator.languagePairs.map { "\($0.source)-\($0.target)" } == ["en-fr"])
    let plain = try generator.generate("the fox").text
    #expect(try generator.translate("the fox").text == plain)
    #expect(try generator.translate("the fox", from: "eng", to: "fra").text == plain)
    let text = failureText { try generator.translate("x", from: "en", to: "de") }
    #expect(text.contains("translation from en to de (supported: en to fr)"), "\(text)")
    // A group of languages accepts each.
    try folder.write(
      #"{"source_lang":"mul","target_lang":"eng"}"#.utf8, to: "tokenizer_config.json")
    let group = try TextGenerator(directory)
    #expect(try group.translate("the fox", from: "de", to: "en").text == plain)
    #expect(failureText { try group.translate("x", from: "de", to: "fr") }.contains("mul to eng"))
  }
}
