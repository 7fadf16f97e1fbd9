import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// When a beam search ends, counted in steps of the model.
@Suite struct BeamSearchTests {
  /// After any token: the EOS token 0 with probability 0.9, 1 with 0.06 and 2 with 0.04.
  private func model() -> TableModel {
    let row = [0.9, 0.06, 0.04, 1e-9].map { Float(log($0)) }
    return TableModel(table: Array(repeating: row, count: 3 * 4).flatMap(\.self), vocabularySize: 4)
  }

  @Test func `the length that "never" uses counts the new tokens, without the prompt`()
    throws
  {
    // After two steps the texts "0" and "1 0" have ended with log 0.9 and (log 0.06 + log 0.9) / 2 = −1.46,
    // and "1 1" could reach 2 · log 0.06 / 3 = −1.88 in the third: there is no third step. If the
    // length included a prompt of ten tokens, "1 1" could reach −0.43.
    for prompt in [[3], Array(repeating: 3, count: 10)] {
      for (stopping, steps) in [
        (GenerationOptions.EarlyStopping.whenImpossible, 2), (.whenUnlikely, 2), (.whenFull, 2),
      ] {
        let model = model()
        var options = GenerationOptions()
        options.eosTokens = [0]
        options.beamCount = 2
        options.resultCount = 2
        options.maxNewTokens = 3
        options.earlyStopping = stopping
        let texts = try model.generate([prompt], options: options)[0]
        #expect(texts.map(\.ids) == [[0], [1, 0]])
        #expect(model.calls.calls == steps, "\(stopping) after \(prompt.count) tokens")
      }
    }
  }

  @Test func `with room for more tokens "never" looks further than the default`() throws {
    var steps: [Int] = []
    for stopping in [GenerationOptions.EarlyStopping.whenUnlikely, .whenImpossible] {
      let model = model()
      var options = GenerationOptions()
      options.eosTokens = [0]
      options.beamCount = 2
      options.maxNewTokens = 5
      options.earlyStopping = stopping
      _ = try model.generate([[3]], options: options)
      steps.append(model.calls.calls)
    }
    // 2 · log 0.06 / 5 = −1.13 could still come before −1.46, and 3 · log 0.06 / 5 = −1.69 could not.
    #expect(steps == [2, 3])
  }

  @Test func `renormalized probabilities sum to 1 over the tokens that remain`() throws {
    let model = model()
    var options = GenerationOptions()
    options.eosTokens = [0]
    options.beamCount = 2
    options.maxNewTokens = 1
    options.suppressedTokens = [0]
    options.lengthPenalty = 0
    let plain = try model.generate([[3]], options: options)[0][0]
    #expect(plain.ids == [1])
    #expect(abs((plain.score ?? 0) - Float(log(0.06))) < 1e-5)
    options.renormalizesLogits = true
    let normalized = try model.generate([[3]], options: options)[0][0]
    #expect(normalized.ids == [1])
    #expect(abs((normalized.score ?? 0) - Float(log(0.6))) < 1e-5)
  }
}
