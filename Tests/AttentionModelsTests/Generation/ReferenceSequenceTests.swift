import Attention
import Testing

@testable import AttentionModels

@Suite struct ReferenceSequenceTests {
  @Test func `greedy and beam search return the tokens and scores of transformers`() throws {
    let cases = try GenerationFixtures.sequences()
    #expect(cases.count == 200)
    #expect(cases.filter { $0.options.beamCount > 1 }.count > 100)
    for test in cases {
      // All prompts together; the reference decodes one at a time.
      let results = try test.model.generate(test.prompts, options: test.options)
      #expect(results.count == test.prompts.count)
      for (texts, expected) in zip(results, test.results) {
        #expect(texts.map(\.ids) == expected.map(\.ids), "case \(test.seed)")
        for (text, expected) in zip(texts, expected) {
          let score = text.score.map { Double($0) }
          #expect((score == nil) == (expected.score == nil))
          let bound = 1e-5 * max(1, abs(expected.score ?? 0))
          #expect(abs((score ?? 0) - (expected.score ?? 0)) <= bound, "case \(test.seed)")
        }
      }
    }
  }

  @Test func `the finish reason says why a text ends`() throws {
    for test in try GenerationFixtures.sequences() {
      for (prompt, texts) in zip(
        test.prompts, try test.model.generate(test.prompts, options: test.options))
      {
        for text in texts {
          let last = try #require(text.ids.last)
          let longest = test.options.longest(from: prompt.count, limit: nil)
          switch text.finishReason {
          case .eosToken(let id):
            #expect(id == last && (test.options.eosTokens ?? []).contains(id))
          case .length:
            #expect(prompt.count + text.ids.count == longest)
            #expect(!(test.options.eosTokens ?? []).contains(last))
          case .stopString: Issue.record("there is no stop string")
          }
          #expect(!text.ids.dropLast().contains { (test.options.eosTokens ?? []).contains($0) })
        }
      }
    }
  }

  @Test func `logits are changed as by transformers' processors, in their order`() throws {
    let rows = try GenerationFixtures.rows()
    #expect(rows.count == 80)
    for test in rows {
      for backend in Backend.all {
        let kernels = backend.kernels
        var row = test.scores
        let processors = LogitsProcessors(test.options)
        let least = test.options.beamCount > 1 ? (test.options.eosTokens ?? []).count + 1 : 1
        let filter = SamplingFilter(test.options, least: least)
        var (probabilities, marks) = (TokenProbabilities(), TokenMarks())
        row.withUnsafeMutableBufferPointer {
          processors.process($0, after: test.history, marks: &marks)
          filter.apply(to: $0, probabilities: &probabilities, kernels: kernels)
        }
        if test.hasTies {
          #expect(row.sorted() == test.row.sorted(), "case \(test.seed) \(backend)")
        } else {
          #expect(row == test.row, "case \(test.seed) \(backend)")
        }
      }
    }
  }
}
