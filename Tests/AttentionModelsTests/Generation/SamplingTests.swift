import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

@Suite struct SamplingTests {
  private let kernels = NativeKernels.best

  /// How often each token is sampled from a row of logits.
  private func counts(
    _ logits: [Float], _ options: GenerationOptions, sampleCount: Int, seed: UInt64 = 1
  ) throws -> [Int] {
    let filter = SamplingFilter(options)
    var random = SplitMix64(seed: seed)
    var probabilities = TokenProbabilities()
    var counts = Array(repeating: 0, count: logits.count)
    for _ in 0..<sampleCount {
      var row = logits
      let id = row.withUnsafeMutableBufferPointer {
        filter.sample(
          from: $0, random: &random, probabilities: &probabilities, kernels: kernels)
      }
      counts[try #require(id)] += 1
    }
    return counts
  }

  @Test func `the random numbers of a text depend on its number and the seed alone`() {
    // A change would give other texts for the seeds that users have noted.
    var first = SplitMix64(seed: 1, number: 0)
    var third = SplitMix64(seed: 1, number: 2)
    #expect(first.next() == 0x5E41_AB08_7439_611E)
    #expect(third.next() == 0xDE24_7210_6AE1_F0C5)
  }

  /// χ² of counts against probabilities; tokens with probability 0 must not occur.
  private func chiSquare(_ counts: [Int], _ probabilities: [Double]) -> (
    value: Double, freedom: Int
  ) {
    let total = Double(counts.reduce(0, +))
    var (value, cells) = (0.0, 0)
    for (count, probability) in zip(counts, probabilities) {
      guard probability > 0 else {
        #expect(count == 0)
        continue
      }
      let expected = total * probability
      value += (Double(count) - expected) * (Double(count) - expected) / expected
      cells += 1
    }
    return (value, cells - 1)
  }

  private func softmax(_ logits: [Float], temperature: Double) -> [Double] {
    let probabilities = logits.map { exp(Double($0) / temperature) }
    return probabilities.map { $0 / probabilities.reduce(0, +) }
  }

  private var logits: [Float] {
    var logits = TableModel.numbers(seed: 9, count: 300).map { $0 / 3 }
    for index in stride(from: 3, to: 300, by: 11) { logits[index] = -.infinity }
    return logits
  }

  @Test(arguments: [Float(0.5), 1, 2])
  func `tokens are sampled as often as their probabilities say`(temperature: Float) throws {
    var options = GenerationOptions()
    options.isSampling = true
    options.topK = nil
    options.temperature = temperature
    let (value, freedom) = chiSquare(
      try counts(logits, options, sampleCount: 60_000),
      softmax(logits, temperature: Double(temperature)))
    // Five standard deviations. The random numbers are the same in every run.
    #expect(abs(value - Double(freedom)) < 5 * (2 * Double(freedom)).squareRoot())
  }

  @Test func `tokens that the filters keep are sampled as often as their probabilities say`() throws
  {
    let all = softmax(logits, temperature: 1)
    let order = all.indices.sorted { all[$0] > all[$1] }
    let tenth = all[order[9]]
    var nucleus = Set<Int>()
    var sum = 0.0
    for index in order where sum < 0.6 {
      nucleus.insert(index)
      sum += all[index]
    }
    var topK = GenerationOptions()
    topK.topK = 10
    var topP = GenerationOptions()
    topP.topK = nil
    topP.topP = 0.6
    var minP = GenerationOptions()
    minP.topK = nil
    minP.minP = 0.5
    let largest = all[order[0]]
    let cases: [(GenerationOptions, (Int) -> Bool)] = [
      (topK, { all[$0] >= tenth }), (topP, { nucleus.contains($0) }),
      (minP, { Float(all[$0] / largest) >= 0.5 }),
    ]
    for (options, isKept) in cases {
      let kept = all.indices.map { isKept($0) ? all[$0] : 0 }
      let total = kept.reduce(0, +)
      let (value, freedom) = chiSquare(
        try counts(logits, options, sampleCount: 20_000), kept.map { $0 / total })
      #expect(abs(value - Double(freedom)) < 5 * (2 * Double(freedom)).squareRoot() + 1)
    }
  }

  @Test func `the nucleus of a flat row is found without sorting it, and is the same`() {
    for (seed, spread) in [(1, Float(0.01)), (2, 0.3), (3, 1), (4, 8)] {
      let logits = TableModel.numbers(seed: UInt64(seed), count: 20_000).map { $0 * spread }
      var probabilities = TokenProbabilities()
      logits.withUnsafeBufferPointer {
        probabilities.compute($0, maximum: kernels.maximum($0), kernels: kernels)
      }
      for part in [Float(0.001), 0.1, 0.5, 0.9, 0.999] {
        let sorted = probabilities.values.enumerated().map {
          TopK.Entry(index: $0.offset, value: $0.element)
        }
        .sorted(by: TopK.precedes)
        let wanted = sorted.prefix(reaching: Double(part) * probabilities.total, atLeast: 1)
        var cut = probabilities
        cut.keepTopP(part)
        let found = Set(cut.values.indices.filter { cut.values[$0] > 0 })
        // Sums in another order may differ in the last bit, and so by a token at the edge.
        #expect(abs(found.count - wanted.count) <= 1, "\(spread) \(part)")
        let common = found.intersection(wanted.map(\.index))
        #expect(common.count == min(found.count, wanted.count), "\(spread) \(part)")
        let total = wanted.reduce(0) { $0 + Double($1.value) }
        #expect(abs(cut.total - total) < 1e-5 * probabilities.total)
        if let listed = probabilities.topP(part, atLeast: 1, kernels: kernels) {
          #expect(listed == wanted)
        } else {
          #expect(wanted.count >= 64)
        }
      }
    }
  }

  @Test func `a token as probable as the bound of min-p is kept, among few and among all`() throws {
    var options = GenerationOptions()
    options.minP = 1
    for topK in [nil, 5] {
      options.topK = topK
      let counts = try counts([1, 3, 0, 3, 2.5, -1, 2], options, sampleCount: 200)
      #expect(counts.indices.filter { counts[$0] > 0 } == [1, 3], "\(counts)")
    }
  }

  @Test func `a value equal to the least one is kept`() {
    let logits = TableModel.numbers(seed: 5, count: 200)
    var probabilities = TokenProbabilities()
    logits.withUnsafeBufferPointer {
      probabilities.compute($0, maximum: kernels.maximum($0), kernels: kernels)
    }
    let (all, least) = (probabilities.values, probabilities.values[7])
    probabilities.keep(atLeast: least)
    #expect(probabilities.values == all.map { $0 < least ? 0 : $0 })
    #expect(probabilities.values[7] == least)
  }

  @Test func `the largest scalars are the first after sorting`() {
    var generator = SeededGenerator(seed: 8)
    for count in [0, 1, 2, 63, 64, 65, 500, 4097] {
      let row = (0..<count).map { _ in Float(Int.random(in: -20...20, using: &generator)) }
      let sorted = row.enumerated().map {
        TopK.Entry(index: $0.offset, value: $0.element)
      }
      .sorted(by: TopK.precedes)
      for wanted in [0, 1, 2, 7, 64, 100, count, count + 1] {
        let found = row.withUnsafeBufferPointer {
          TopK.find(wanted, in: $0, kernels: kernels)
        }
        #expect(found == Array(sorted.prefix(wanted)), "\(wanted) of \(count)")
      }
      let above = row.withUnsafeBufferPointer {
        TopK.all(atLeast: 5, in: $0, kernels: kernels)
      }
      #expect(Set(above) == Set(sorted.filter { $0.value >= 5 }))
    }
  }

  @Test func `the same seed gives the same text, independent of the other prompts`() throws {
    let model = TableModel(seed: 5, vocabularySize: 40, stops: [1], stopBias: 1)
    var options = GenerationOptions()
    options.isSampling = true
    options.eosTokens = [1]
    options.maxNewTokens = 30
    options.resultCount = 3
    options.seed = 7
    let prompts = [[3], [4, 5, 6], [7, 8], [3, 3, 3, 3, 3]]
    let together = try model.generate(prompts, options: options)
    let apart = try prompts.map { try model.generate([$0], options: options)[0] }
    #expect(together == apart)
    #expect(Set(together.flatMap { $0.map(\.ids) }).count > 6)
    options.seed = 8
    #expect(try model.generate(prompts, options: options) != together)
    // Without a seed, each call gives other texts.
    options.seed = nil
    #expect(
      try model.generate(prompts, options: options) != model.generate(prompts, options: options))
  }

  @Test func `sampled beams are the same for a seed, all different, and in order`() throws {
    let model = TableModel(seed: 6, vocabularySize: 30)
    var options = GenerationOptions()
    options.isSampling = true
    options.beamCount = 4
    options.resultCount = 4
    options.maxNewTokens = 6
    options.seed = 3
    let texts = try model.generate([[2], [5, 9]], options: options)
    #expect(try model.generate([[2], [5, 9]], options: options) == texts)
    for texts in texts {
      #expect(Set(texts.map(\.ids)).count == 4)
      let scores = texts.compactMap(\.score)
      #expect(scores.count == 4 && scores == scores.sorted(by: >))
    }
    options.seed = 4
    #expect(try model.generate([[2], [5, 9]], options: options) != texts)
  }

  @Test func `penalties of occurrences are OpenAI's`() {
    var options = GenerationOptions()
    options.frequencyPenalty = 0.5
    options.presencePenalty = 2
    let processors = LogitsProcessors(options)
    var marks = TokenMarks()
    var history = TokenHistory(start: [5, 1], prompt: [5, 1], maxLength: 99)
    history.ids += [1, 2, 1, 1]
    var row: [Float] = [0, 1, 2, 3, 4, 5]
    row.withUnsafeMutableBufferPointer { processors.process($0, after: history, marks: &marks) }
    // Token 1 has been generated three times, token 2 once; tokens of the prompt do not count.
    let wanted: [Float] = [0, -2.5, -0.5, 3, 4, 5]
    #expect(row == wanted)
  }
}
