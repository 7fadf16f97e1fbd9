import Attention
import TestSupport
import Testing

import AttentionModels
@testable import DemonstrationModels

/// Answers of the demonstration T5 to sentences that it was not trained on.
@Suite struct DemonstrationTaskTests {
  /// The fraction of exact answers for each task: the value in the model card, measured on more sentences,
  /// minus the uncertainty for this number of sentences.
  @Test(arguments: [
    ("translation", 0.98), ("translation of new pairs", 0.95), ("translation of texts", 0.88),
    ("summarization", 0.98), ("question", 0.95), ("question about a clause", 0.92),
  ])
  func `held-out sentences are answered as exactly as the card says`(
    task: String, least: Double
  ) throws {
    let examples = try DemonstrationExample.all().filter { $0.task == task }
    #expect(examples.count >= 60)
    let generator = try TextGenerator(DemonstrationModel.toyT5.directory())
    let answers = try generator.generate(examples.map(\.input)).compactMap(\.first?.text)
    let exact = zip(examples, answers).count { $0.expected == $1 }
    #expect(answers.count == examples.count)
    #expect(Double(exact) / Double(examples.count) >= least, "\(exact) of \(examples.count)")
  }

  @Test func `answers are the reference's, token for token`() throws {
    let examples = try DemonstrationExample.all().filter { $0.reference != nil }
    let generator = try TextGenerator(DemonstrationModel.toyT5.directory())
    let answers = try generator.generate(examples.map(\.input)).compactMap(\.first)
    let end = 1
    for (example, answer) in zip(examples, answers) {
      #expect(
        answer.tokens.map(\.id).filter { $0 != end } == example.reference?.ids,
        "\(example.input)")
    }
  }
}
