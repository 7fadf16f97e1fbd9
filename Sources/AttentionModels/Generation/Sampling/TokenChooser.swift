import Attention

/// Chooses the next token of one text after the other: the likeliest, or one that is drawn.
struct TokenChooser {
  private let options: GenerationOptions
  private let sampler: TokenSampler
  private var processors: LogitsProcessors
  private var weights = TokenWeights()
  /// The logits that the options have changed.
  private var row: [Float]
  private var scratch: [Float] = []

  init(_ options: GenerationOptions, vocabularySize: Int) {
    self.options = options
    sampler = TokenSampler(options)
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
    let (options, sampler) = (options, sampler)
    let chosen = row.withUnsafeMutableBufferPointer { row -> Int? in
      _ = row.update(fromContentsOf: logits)
      processors.process(row, after: history)
      if options.isSampling {
        return sampler.draw(from: row, random: &random, weights: &weights, loops: loops)
      }
      let likeliest = LargestScalars.find(1, in: UnsafeBufferPointer(row), loops: loops).first
      return likeliest.flatMap { $0.value > -.infinity ? $0.index : nil }
    }
    guard let chosen else { throw GenerationBatch.noToken(after: history) }
    return GeneratedToken(
      id: chosen, logits: logits, options: options, scratch: &scratch, loops: loops)
  }
}
