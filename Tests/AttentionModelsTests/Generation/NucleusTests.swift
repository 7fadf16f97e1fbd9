import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// The tokens that top-p keeps if their probabilities sum to exactly top-p.
@Suite struct NucleusTests {
  /// The number of equally probable tokens that remain.
  private func keptCount(of count: Int, topP: Float, topK: Int? = nil, least: Int = 1) -> Int {
    var options = GenerationOptions()
    options.topP = topP
    options.topK = topK
    let filter = SamplingFilter(options, least: least)
    var row = Array(repeating: Float(0), count: count)
    var probabilities = TokenProbabilities()
    row.withUnsafeMutableBufferPointer {
      filter.apply(to: $0, probabilities: &probabilities, kernels: NativeKernels.best)
    }
    return row.count { $0 > -.infinity }
  }

  /// 4 tokens are listed, 256 are summed by the bits of their probabilities: both ways must agree.
  @Test(arguments: [4, 256])
  func `tokens remain until their sum reaches top-p, and none beyond`(count: Int) {
    #expect(keptCount(of: count, topP: 0.5) == count / 2)
    #expect(keptCount(of: count, topP: 0.75) == count / 4 * 3)
    #expect(keptCount(of: count, topP: Float(0.5).nextUp) == count / 2 + 1)
    #expect(keptCount(of: count, topP: 0) == 1)
  }

  @Test func `top-p applies to the tokens that top-k keeps`() {
    // All 8 are equally probable: ties with the last token stay.
    #expect(keptCount(of: 8, topP: 0.5, topK: 4) == 4)
  }

  @Test func `a beam search without EOS tokens keeps at least two tokens`() throws {
    // As in transformers, whose min_tokens_to_keep is then 2.
    let model = TableModel(seed: 1, vocabularySize: 9)
    var options = GenerationOptions()
    options.isSampling = true
    options.beamCount = 2
    options.topK = 1
    options.maxNewTokens = 1
    options.resultCount = 2
    options.seed = 1
    let texts = try model.generate([[1]], options: options)[0]
    #expect(Set(texts.map(\.ids)).count == 2)
    #expect(texts.allSatisfy { ($0.score ?? -1e9) > -1e8 })
  }
}
