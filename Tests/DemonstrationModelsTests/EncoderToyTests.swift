import AttentionModels
import Foundation
import TestSupport
import Testing

@testable import DemonstrationModels

/// The demonstration encoders compared with transformers' pipelines in float32: `Scripts/demo-model`.
@Suite struct EncoderToyTests {
  private struct Examples: Decodable {
    struct Answer: Decodable {
      let question, context: String
      let results: [Result]
    }
    struct Result: Decodable {
      let score: Float
      var label, entity, entity_group, token_str, answer: String?
      var start, end, token: Int?
    }
    struct Labels: Decodable {
      let input: String
      let results: [Result]
    }
    struct Entities: Decodable {
      let input: String
      let results: [String: [Result]]
    }
    struct Chosen: Decodable {
      let input: String
      let labels: [String]
      let hypothesis_template: String
      let single_label, multi_label: [Result]
    }
    struct Ranked: Decodable {
      let query: String
      let passages: [String]
      let results: [Result]
    }

    let answers: [Answer]
    let sentiment, topics, fill: [Labels]
    let names: [Entities]
    let nli: [Chosen]
    let rerank: [Ranked]

    enum CodingKeys: String, CodingKey {
      case answers = "toy-answers"
      case sentiment = "toy-sentiment"
      case topics = "toy-topics"
      case fill = "toy-fill"
      case names = "toy-names"
      case nli = "toy-nli"
      case rerank = "toy-rerank"
    }
  }

  private let examples: Examples

  init() throws { examples = try Fixtures.json("Encoders/examples.json") }

  private static let bound: Float = 1e-4

  private func compare(
    _ found: [LabelScore], _ expected: [Examples.Result], _ input: String
  ) {
    #expect(found.map(\.label) == expected.map { $0.label ?? "" }, "\(input)")
    for (label, result) in zip(found, expected) {
      #expect(abs(label.score - result.score) < Self.bound, "\(input)")
    }
  }

  // MARK: - Texts in the documentation

  /// Texts in the README, the help texts and the articles.
  static let shown =
    [sentiments.keys, topics.keys, masks.keys].flatMap(\.self) + names.keys + passages

  private static let sentiments = [
    "I love this film.": "positive", "I hate this film.": "negative",
  ]
  private static let topics = [
    "Anna cooks the soup.": "food", "Tom booked a flight to Rome.": "travel",
  ]
  private static let names = [
    "Ada Lovelace was born in London.": ["PER Ada Lovelace", "LOC London"],
    "My name is Sarah and I live in London.": ["PER Sarah", "LOC London"],
  ]
  private static let masks = [
    "Paris is the [MASK] of France.": "capital", "The sky is [MASK].": "blue",
  ]
  private static let passages = [
    "I forgot my password and cannot log in.", "The office is open from nine to five.",
    "The invoice is wrong.",
  ]

  @Test func `texts in the documentation have the shown results`() throws {
    let classifier = try TextClassifier(DemonstrationModel.toySentiment.directory())
    for (text, label) in Self.sentiments {
      #expect(try classifier.labels(of: text)[0].label == label, "\(text)")
      #expect(try DemonstrationModel.toySentiment.unknownWords(in: text) == [])
    }
    let zeroShot = try ZeroShotClassifier(DemonstrationModel.toyNLI.directory())
    for (text, label) in Self.topics {
      let labels = try zeroShot.labels(
        among: ["sport", "music", "weather", "food", "travel"], of: [text])
      #expect(labels[0][0].label == label, "\(text)")
      #expect(try DemonstrationModel.toyNLI.unknownWords(in: text) == [])
    }
    let tagger = try EntityTagger(DemonstrationModel.toyNames.directory())
    for (text, names) in Self.names {
      let entities = try tagger.entities(in: text, aggregation: .first)
      #expect(entities.map { "\($0.label) \($0.text)" } == names, "\(text)")
      #expect(try tagger.entities(in: text).map(\.range) == entities.map(\.range), "\(text)")
    }
    let filler = try MaskFiller(DemonstrationModel.toyFill.directory())
    for (text, word) in Self.masks {
      #expect(try filler.predictions(for: text)[0][0].token == word, "\(text)")
      #expect(try DemonstrationModel.toyFill.unknownWords(in: text) == [])
    }
    let reranker = try CrossEncoder(DemonstrationModel.toyRerank.directory())
    let ranked = try reranker.rank(Self.passages, for: "How do I reset my password?")
    #expect(ranked[0].index == 0)
  }

  @Test(arguments: [DemonstrationModel.toySentiment, .toyTopics])
  func `labels are those of the pipeline`(toy: DemonstrationModel) throws {
    let classifier = try TextClassifier(toy.directory())
    let rows = toy == .toySentiment ? examples.sentiment : examples.topics
    #expect(rows.count >= 10)
    let labels = try classifier.labels(of: rows.map(\.input))
    for (row, found) in zip(rows, labels) { compare(found, row.results, row.input) }
  }

  @Test func `chosen labels are those of the pipeline`() throws {
    let classifier = try ZeroShotClassifier(DemonstrationModel.toyNLI.directory())
    #expect(examples.nli.count >= 10)
    for row in examples.nli {
      for (several, results) in [(false, row.single_label), (true, row.multi_label)] {
        let labels = try classifier.labels(
          among: row.labels, of: [row.input], allowingSeveral: several,
          template: row.hypothesis_template)
        // Labels that do not fit have scores that differ only by rounding.
        let fitting = results.filter { $0.score > 0.1 }
        compare(Array(labels[0].prefix(fitting.count)), fitting, row.input)
      }
    }
  }

  @Test(arguments: EntityAggregation.allCases)
  func `names are those of the pipeline`(aggregation: EntityAggregation) throws {
    let tagger = try EntityTagger(DemonstrationModel.toyNames.directory())
    #expect(examples.names.count >= 10)
    let found = try tagger.entities(
      in: examples.names.map(\.input), aggregation: aggregation)
    for (row, entities) in zip(examples.names, found) {
      let expected = try #require(row.results[aggregation.rawValue])
      #expect(
        entities.map(\.label) == expected.map { $0.entity_group ?? $0.entity ?? "" },
        "\(row.input)")
      #expect(
        entities.map(\.range) == expected.map { ($0.start ?? -1)..<($0.end ?? -1) },
        "\(row.input)")
      for (entity, result) in zip(entities, expected) {
        #expect(abs(entity.score - result.score) < Self.bound, "\(row.input)")
      }
    }
  }

  @Test func `answers are those of the pipeline`() throws {
    let answerer = try QuestionAnswerer(DemonstrationModel.toyAnswers.directory())
    #expect(examples.answers.count >= 10)
    var options = AnswerOptions()
    (options.count, options.allowsNoAnswer) = (3, true)
    for row in examples.answers {
      let answers = try answerer.answers(to: row.question, in: row.context, options: options)
      // Improbable answers have scores that differ only by rounding.
      for (answer, result) in zip(answers, row.results) where result.score > 1e-3 {
        #expect(answer.text == result.answer, "\(row.question)")
        #expect(answer.range == (result.start ?? -1)..<(result.end ?? -1), "\(row.question)")
        #expect(abs(answer.score - result.score) < Self.bound, "\(row.question)")
      }
    }
  }

  @Test func `masked words are those of the pipeline`() throws {
    let filler = try MaskFiller(DemonstrationModel.toyFill.directory())
    #expect(examples.fill.count >= 10)
    for row in examples.fill {
      let predictions = try filler.predictions(for: row.input, count: 3)[0]
      for (prediction, result) in zip(predictions, row.results) where result.score > 1e-3 {
        #expect(prediction.id == result.token && prediction.token == result.token_str)
        #expect(abs(prediction.score - result.score) < Self.bound, "\(row.input)")
      }
    }
  }

  @Test func `scores of passages are those of sentence-transformers`() throws {
    let encoder = try CrossEncoder(DemonstrationModel.toyRerank.directory())
    #expect(examples.rerank.count >= 10)
    for row in examples.rerank {
      let scores = try encoder.scores(query: row.query, texts: row.passages)
      #expect(scores.count == row.results.count)
      for (score, result) in zip(scores, row.results) {
        #expect(abs(score - result.score) < Self.bound, "\(row.query)")
      }
    }
  }
}
