import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// The tasks of encoders with heads compared with transformers' pipelines in double precision:
/// `Scripts/fixtures/task_pipelines.py`.
@Suite struct TaskPipelineTests {
  /// `[label, score, start, end]`, or less.
  private typealias Row = [JSON]

  private static let bound: Float = 1e-5

  private struct Fixture {
    let object: JSONObject

    init() throws {
      let bytes = try InputFile.contents(
        ofFile: Fixtures.path("TaskPipelines/results.json"), limit: 1 << 20)
      object = try #require(try JSON.parse(bytes).object)
    }

    var texts: [String] { object["texts"]?.array?.compactMap(\.string) ?? [] }
    var long: String { object["long"]?.string ?? "" }

    func models(_ kind: String) throws -> [(name: String, result: JSON)] {
      try #require(object[kind]?.object).members.map { ($0.key, $0.value) }
    }
  }

  private func folder(_ name: String) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    let parts = name.split(separator: "+")
    try folder.copy(fixture: "EncoderHeads/\(parts[0])")
    try folder.copy(fixture: "Sentences/common/tokenizer.json")
    try folder.write(#"{"model_max_length": 24}"#.utf8, to: "tokenizer_config.json")
    if parts.last == "entailment" {
      try folder.edit(
        "config.json", replacing: #""0": "negative""#, with: #""0": "entailment""#)
    } else if parts.count > 1 {
      try folder.edit(
        "config.json", replacing: #""id2label""#,
        with: #""problem_type": "multi_label_classification", "id2label""#)
    }
    if name.hasSuffix("-tokens") {
      for (index, label) in ["B-PER", "I-PER", "B-LOC", "I-LOC"].enumerated() {
        try folder.edit(
          "config.json", replacing: #""\#(index + 1)": "\#(["B", "I", "L", "U"][index])""#,
          with: #""\#(index + 1)": "\#(label)""#)
      }
    }
    return folder
  }

  private func compare(_ found: [LabelScore], _ expected: JSON, _ comment: Comment) throws {
    let rows = try #require(expected.array).compactMap(\.array)
    #expect(found.map(\.label) == rows.map { $0[0].string ?? "" }, comment)
    for (label, row) in zip(found, rows) {
      #expect(abs(label.score - Float(row[1].number?.double ?? .nan)) <= Self.bound, comment)
    }
  }

  @Test func `labels are those of the classification pipeline`() throws {
    let fixture = try Fixture()
    for (name, result) in try fixture.models("classification") {
      let folder = try folder(name)
      let classifier = try TextClassifier(model: folder.path)
      let labels: [[LabelScore]] = try classifier.labels(of: fixture.texts)
      for (index, expected) in try #require(result.array).enumerated() {
        try compare(labels[index], expected, "\(name): \(fixture.texts[index])")
      }
      #expect(labels.count == fixture.texts.count)
      let alone: [LabelScore] = try classifier.labels(of: fixture.texts[2])
      #expect(alone.map(\.label) == labels[2].map(\.label))
      #expect(try classifier.labels(of: []) as [[LabelScore]] == [])
    }
  }

  @Test func `chosen labels are those of the zero-shot pipeline`() throws {
    let fixture = try Fixture()
    for (name, result) in try fixture.models("zeroShot") {
      let folder = try folder(name)
      let classifier = try ZeroShotClassifier(model: folder.path)
      for several in [false, true] {
        let labels: [[LabelScore]] = try classifier.labels(
          among: ["money", "the cat", "a river"], of: fixture.texts + [fixture.long],
          allowingSeveral: several)
        for (index, expected) in try #require(result.object?["\(several)"]?.array).enumerated() {
          try compare(labels[index], expected, "\(name), several: \(several), text \(index)")
        }
      }
    }
  }

  @Test func `entities are those of the token classification pipeline`() throws {
    let fixture = try Fixture()
    for (name, result) in try fixture.models("entities") {
      let folder = try folder(name)
      let tagger = try EntityTagger(model: folder.path)
      for aggregation in EntityAggregation.allCases {
        let rows = try #require(result.object?[aggregation.rawValue]?.array)
        let texts =
          rows.count > fixture.texts.count ? fixture.texts + [fixture.long] : fixture.texts
        let found: [[Entity]] = try tagger.entities(in: texts, aggregation: aggregation, overlap: 6)
        for (index, expected) in rows.enumerated() {
          let comment: Comment = "\(name), \(aggregation): \(texts[index])"
          let expected = try #require(expected.array).compactMap(\.array)
          #expect(found[index].map(\.label) == expected.map { $0[0].string ?? "" }, comment)
          #expect(
            found[index].map { [$0.range.lowerBound, $0.range.upperBound] }
              == expected.map { row in [2, 3].compactMap { row[$0].integer } }, comment)
          for (entity, row) in zip(found[index], expected) {
            #expect(abs(entity.score - Float(row[1].number?.double ?? .nan)) <= Self.bound, comment)
            let scalars = Array(texts[index].unicodeScalars)[entity.range]
            #expect(Array(entity.text.unicodeScalars) == Array(scalars), comment)
          }
        }
      }
    }
  }

  @Test func `answers are those of the question answering pipeline`() throws {
    let fixture = try Fixture()
    for (name, result) in try fixture.models("answers") {
      let folder = try folder(name)
      let answerer = try QuestionAnswerer(model: folder.path)
      for row in try #require(result.array).compactMap(\.array) {
        let (question, context) = (row[0].string ?? "", row[1].string ?? "")
        var options = AnswerOptions()
        (options.count, options.allowsNoAnswer) = (3, row[2].boolean ?? false)
        let found: [ExtractedAnswer] = try answerer.answers(
          to: question, in: context, options: options)
        let expected = try #require(row[3].array).compactMap(\.array)
        let comment: Comment = "\(name): \(question), \(context)"
        #expect(
          found.map { [$0.range.lowerBound, $0.range.upperBound] }
            == expected.map { row in [1, 2].compactMap { row[$0].integer } }, comment)
        for (answer, row) in zip(found, expected) {
          #expect(abs(answer.score - Float(row[0].number?.double ?? .nan)) <= Self.bound, comment)
          let scalars = Array(context.unicodeScalars)[answer.range]
          #expect(Array(answer.text.unicodeScalars) == Array(scalars), comment)
        }
      }
    }
  }

  @Test func `the score of no answer is the smallest of all windows`() throws {
    let fixture = try Fixture()
    for (name, result) in try fixture.models("noAnswer") {
      let folder = try folder(name)
      let answerer = try QuestionAnswerer(model: folder.path)
      var options = AnswerOptions()
      (options.count, options.allowsNoAnswer) = (10_000, true)
      for row in try #require(result.array).compactMap(\.array) {
        let found: [ExtractedAnswer] = try answerer.answers(
          to: row[0].string ?? "", in: fixture.long, options: options)
        let score = try #require(found.first { $0.text.isEmpty }).score
        let expected = Float(row[1].number?.double ?? .nan)
        #expect(abs(score - expected) <= 1e-4 * expected, "\(name)")
      }
    }
  }

  @Test func `predictions are those of the fill-mask pipeline`() throws {
    let fixture = try Fixture()
    for (name, result) in try fixture.models("fill") {
      let folder = try folder(name)
      let filler = try MaskFiller(model: folder.path)
      #expect(filler.mask == "[MASK]")
      for row in try #require(result.array).compactMap(\.array) {
        let text = row[0].string ?? ""
        let masks = try filler.predictions(for: text, count: 4)
        let expected = try #require(row[1].array)
        #expect(masks.count == expected.count, "\(name): \(text)")
        for (mask, expected) in zip(masks, expected) {
          let rows = try #require(expected.array).compactMap(\.array)
          #expect(mask.map(\.id) == rows.compactMap { $0[1].integer }, "\(name): \(text)")
          #expect(mask.map(\.token) == rows.compactMap { $0[0].string }, "\(name): \(text)")
          for (prediction, row) in zip(mask, rows) {
            #expect(abs(prediction.score - Float(row[2].number?.double ?? .nan)) <= Self.bound)
          }
        }
      }
      let targets = try filler.predictions(
        for: "The [MASK] sat.", count: 9, among: ["river", "cat"])
      #expect(Set(targets[0].map(\.token)) == ["river", "cat"])
      #expect(Set(targets[0].map(\.text)) == ["The river sat.", "The cat sat."])
    }
  }

  // MARK: - Errors

  @Test func `invalid arguments are named`() throws {
    let sequence = try folder("bert-sequence")
    let zeroShot = try ZeroShotClassifier(model: sequence.path)
    #expect(failureText { try zeroShot.labels(among: [], of: ["x"]) }.contains("labels"))
    #expect(
      failureText { try zeroShot.labels(among: ["a"], of: ["x"], template: "about") }
        .contains("template: expected {}"))
    let long = String(repeating: "cat ", count: 30)
    #expect(
      failureText { try zeroShot.labels(among: [long], of: ["x"]) }.contains("leave no room"))
    let classifier = try TextClassifier(model: sequence.path)
    #expect(
      failureText { try classifier.labels(of: ["x", long], truncation: .refuse) }
        .contains("32 tokens, longer than the limit of 24"))

    let answers = try folder("bert-answers")
    let answerer = try QuestionAnswerer(model: answers.path)
    for (question, context, word) in [
      ("", "x", "question: no text"), ("x", " ", "context: no text"),
      (long, "x", "question: 30 tokens and 3 special tokens leave no room for the context"),
    ] {
      let text = failureText { try answerer.answers(to: question, in: context) }
      #expect(text.contains(word), "\(text)")
    }
    for keyPath in [
      \AnswerOptions.count, \AnswerOptions.maxAnswerTokens, \AnswerOptions.maxLength,
    ] {
      var options = AnswerOptions()
      options[keyPath: keyPath] = 0
      #expect(
        failureText { try answerer.answers(to: "x", in: "y", options: options) }
          .contains("expected at least 1, got 0"))
    }

    // Limits beyond every text are no limits.
    var unlimited = AnswerOptions()
    for keyPath in [
      \AnswerOptions.count, \.maxAnswerTokens, \.maxLength, \.overlap,
    ] { unlimited[keyPath: keyPath] = .max }
    let all: [ExtractedAnswer] = try answerer.answers(
      to: "the cat", in: "the river bank", options: unlimited)
    #expect(
      all.map(\.text).sorted() == [
        "bank", "river", "river bank", "the", "the river", "the river bank",
      ])

    let masked = try folder("bert-masked")
    let filler = try MaskFiller(model: masked.path)
    #expect(
      failureText { try filler.predictions(for: "no mask") }.contains("expected [MASK]"))
    #expect(failureText { try filler.predictions(for: "[MASK]", count: 0) }.contains("count"))
    #expect(
      failureText { try filler.predictions(for: "[MASK]", among: []) }.contains("targets"))
    #expect(
      failureText { try MaskFiller(model: sequence.path) }.contains("sequence classification"))
    let regression = try folder("bert-regression")
    #expect(
      failureText { try ZeroShotClassifier(model: regression.path) }.contains("one label"))
  }

  @Test func `a cancelled task ends with an error`() async throws {
    let folder = try folder("bert-sequence")
    let classifier = try await TextClassifier.load(model: folder.path)
    let texts = Array(repeating: "the cat sat", count: 200_000)
    let task = Task { try await classifier.labels(of: texts) as [[LabelScore]] }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func `texts are ranked by their scores`() throws {
    let folder = try folder("bert-regression")
    let encoder = try CrossEncoder(model: folder.path)
    let texts = ["the river", "money", "a cat sat on the mat", "money"]
    let scores = try encoder.scores(query: "the cat", texts: texts)
    let ranked: [RankedText] = try encoder.rank(texts, for: "the cat")
    #expect(ranked.map(\.score) == scores.sorted(by: >))
    #expect(Set(ranked.map(\.index)) == [0, 1, 2, 3])
    let equal = ranked.filter { texts[$0.index] == "money" }
    #expect(equal.map(\.index) == [1, 3] && equal[0].score == equal[1].score)
    #expect(
      try encoder.rank(texts, for: "the cat", count: 2) as [RankedText] == Array(ranked.prefix(2)))
    #expect(try encoder.rank([], for: "the cat") as [RankedText] == [])
    let several = try self.folder("bert-sequence")
    #expect(
      failureText { try CrossEncoder(model: several.path).rank(texts, for: "x") as [RankedText] }
        .contains("3 labels"))
  }
}
