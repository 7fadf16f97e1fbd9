import Attention
import Testing

@testable import AttentionModels

@Suite struct CheckpointSequenceTests {
  @Test func `each family's small checkpoints return the tokens of transformers`() throws {
    let cases = try GenerationFixtures.checkpoints()
    #expect(cases.count >= 30)
    for test in cases {
      let model = try LanguageModels.load(ModelDirectory(path: Fixtures.path(test.folder)))
      for (texts, expected) in zip(
        try model.generate(test.prompts, options: test.options), test.results)
      {
        #expect(texts.map(\.ids) == expected.map(\.ids), "\(test.folder)")
        for (text, expected) in zip(texts, expected) {
          let score = text.score.map { Double($0) }
          #expect((score == nil) == (expected.score == nil))
          #expect(abs((score ?? 0) - (expected.score ?? 0)) < 1e-5, "\(test.folder)")
        }
      }
    }
  }

  @Test func `prompts together have the same texts as one by one`() throws {
    for test in try GenerationFixtures.checkpoints() {
      let model = try LanguageModels.load(ModelDirectory(path: Fixtures.path(test.folder)))
      let together = try model.generate(test.prompts, options: test.options)
      let apart = try test.prompts.map { try model.generate([$0], options: test.options)[0] }
      #expect(together.map { $0.map(\.ids) } == apart.map { $0.map(\.ids) }, "\(test.folder)")
    }
  }
}
