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
