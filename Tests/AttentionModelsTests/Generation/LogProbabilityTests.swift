import Attention
import Foundation
import Testing

@testable import AttentionModels

@Suite struct LogProbabilityTests {
  private func options(_ change: (inout GenerationOptions) -> Void) -> GenerationOptions {
    var options = GenerationOptions()
    options.logProbabilities = 0
    options.maxNewTokens = 6
    change(&options)
    return options
  }

  @Test func `log-probabilities are the model's, independent of the options`() throws {
    let model = TableModel(seed: 4, vocabularySize: 20)
    let cases = [
      options { _ in },
      options {
        $0.isSampling = true
        $0.temperature = 3
        $0.seed = 1
      },
      options { $0.repetitionPenalty = 5 }, options { $0.beamCount = 3 },
    ]
    for options in cases {
      let prompt = [3, 8]
      let text = try model.generate([prompt], options: options)[0][0]
      var ids = prompt
      for token in text.tokens {
        let row = ((ids.count - 1) % 3 * 20 + (ids.last ?? 0)) * 20
        let logits = model.table[row..<row + 20].map { Double($0) }
        let wanted = logits[token.id] - log(logits.reduce(0) { $0 + exp($1) })
        #expect(abs(Double(try #require(token.logProbability)) - wanted) < 1e-5)
        #expect(token.alternatives.isEmpty)
        ids.append(token.id)
      }
    }
  }

  @Test func `the probabilities of all alternatives sum to 1, the most probable first`() throws {
    let model = TableModel(seed: 4, vocabularySize: 20)
    for beams in [1, 2] {
      let options = options {
        $0.logProbabilities = 20
        $0.beamCount = beams
      }
      let text = try model.generate([[3]], options: options)[0][0]
      for token in text.tokens {
        let logs = token.alternatives.map(\.logProbability)
        #expect(logs.count == 20 && logs == logs.sorted(by: >))
        #expect(abs(logs.reduce(0) { $0 + exp(Double($1)) } - 1) < 1e-5)
        let own = token.alternatives.first { $0.id == token.id }
        #expect(own?.logProbability == token.logProbability)
        if beams == 1 { #expect(token.alternatives.first?.id == token.id) }
      }
      let few = try model.generate(
        [[3]],
        options: self.options {
          $0.logProbabilities = 2
          $0.beamCount = beams
        })[0][0]
      #expect(
        few.tokens.map(\.alternatives) == text.tokens.map { Array($0.alternatives.prefix(2)) })
    }
  }

  @Test func `a beam's score is the sum of its tokens' log-probabilities over its length`() throws {
    let model = TableModel(seed: 12, vocabularySize: 30, stops: [1], stopBias: 2)
    for penalty in [Float(-1), 0, 0.7, 2] {
      let options = options {
        $0.beamCount = 4
        $0.resultCount = 4
        $0.lengthPenalty = penalty
        $0.eosTokens = [1]
      }
      for texts in try model.generate([[3], [7, 8]], options: options) {
        #expect(texts.count == 4)
        for text in texts {
          let sum = try text.tokens.reduce(0.0) { $0 + Double(try #require($1.logProbability)) }
          let wanted = sum / pow(Double(text.tokens.count), Double(penalty))
          #expect(abs(Double(try #require(text.score)) - wanted) < 1e-5 * max(1, abs(wanted)))
        }
      }
    }
  }

  @Test func `by default there are no log-probabilities`() throws {
    let model = TableModel(seed: 4, vocabularySize: 20)
    let text = try model.generate([[3]], options: GenerationOptions())[0][0]
    #expect(text.tokens.count == 20)
    #expect(text.tokens.allSatisfy { $0.logProbability == nil && $0.alternatives.isEmpty })
  }
}
