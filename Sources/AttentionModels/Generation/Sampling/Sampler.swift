import Attention

/// Chooses the next token of one text after the other: the likeliest, or one that is drawn.
struct Sampler {
  private let options: GenerationOptions
  private let samplingFilter: SamplingFilter
  private var processors: LogitsProcessors
  private var probabilities = TokenProbabilities()
  /// The logits that the options have changed.
  private var row: [Float]
  private var scratch: [Float] = []

  init(_ options: GenerationOptions, vocabularySize: Int) {
    self.options = options
    samplingFilter = SamplingFilter(options)
    processors = LogitsProcessors(options, vocabularySize: vocabularySize)
    row = Array(repeating: 0, count: vocabularySize)
  }

  /// The token that follows, with what is to be known of it.
  ///
  /// - Throws: `AttentionError.argument` naming "logits" where no token may follow.
  mutating func choose(
    _ logits: UnsafeBufferPointer<Float>, after history: TokenHistory, random: inout RandomSource
  ) throws -> GeneratedToken {
    let loops = Backend.current.kernels.loops
    let (options, samplingFilter) = (options, samplingFilter)
    let chosen = row.withUnsafeMutableBufferPointer { row -> Int? in
      _ = row.update(fromContentsOf: logits)
      processors.process(row, after: history)
      if options.isSampling {
        return samplingFilter.sample(
          from: row, random: &random, probabilities: &probabilities, loops: loops)
      }
      let mostProbable = TopK.find(1, in: UnsafeBufferPointer(row), loops: loops).first
      return mostProbable.flatMap { $0.value > -.infinity ? $0.index : nil }
    }
    guard let chosen else { throw GenerationBatch.noToken(after: history) }
    return GeneratedToken(
      id: chosen, logits: logits, options: options, scratch: &scratch, loops: loops)
  }
}
