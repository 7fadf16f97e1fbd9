import Attention
import AttentionModels

/// A Llama-shaped decoder with random weights, created in memory: as fast as a real model of its size.
package struct RandomLlama: LanguageModel {
  /// The sizes of the model.
  package struct Sizes {
    package let layers: Int
    package let hiddenSize: Int
    package let intermediateSize: Int
    package let heads: Int
    package let keyValueHeads: Int
    package let vocabularySize: Int

    package init(
      layers: Int = 12, hiddenSize: Int = 768, intermediateSize: Int = 2_048, heads: Int = 12,
      keyValueHeads: Int = 4, vocabularySize: Int = 32_000
    ) {
      self.layers = layers
      self.hiddenSize = hiddenSize
      self.intermediateSize = intermediateSize
      self.heads = heads
      self.keyValueHeads = keyValueHeads
      self.vocabularySize = vocabularySize
    }
  }

  let decoder: CausalDecoder

  package var vocabularySize: Int { decoder.vocabularySize }
  package var maxLength: Int? { decoder.maxLength }

  package init(_ sizes: Sizes, format: WeightFormat) throws {
    var generator = BenchGenerator(seed: 4)
    func linear(from input: Int, to output: Int) throws -> Linear {
      // Preserves the variance.
      try Linear(
        weight: generator.uniformTensor(
          [output, input], deviation: 1 / Float(input).squareRoot()),
        format: format)
    }
    func norm() throws -> Norm {
      .rms(try RMSNorm(weight: Tensor(shape: [sizes.hiddenSize], repeating: 1), epsilon: 1e-5))
    }
    let dimension = sizes.hiddenSize / sizes.heads
    let narrow = sizes.keyValueHeads * dimension
    let blocks = try (0..<sizes.layers).map { _ in
      try TransformerBlock(
        attention: MultiHeadAttention(
          query: linear(from: sizes.hiddenSize, to: sizes.hiddenSize),
          key: linear(from: sizes.hiddenSize, to: narrow),
          value: linear(from: sizes.hiddenSize, to: narrow),
          output: linear(from: sizes.hiddenSize, to: sizes.hiddenSize),
          headCount: sizes.heads, keyValueHeadCount: sizes.keyValueHeads,
          rotary: RotaryEmbedding(headDimension: dimension)),
        attentionNorms: .init(pre: norm()), options: AttentionOptions(mask: .causal),
        feedForward: FeedForward(
          upProjection: linear(from: sizes.hiddenSize, to: sizes.intermediateSize),
          gateProjection: linear(from: sizes.hiddenSize, to: sizes.intermediateSize),
          activation: .silu,
          downProjection: linear(from: sizes.intermediateSize, to: sizes.hiddenSize)),
        feedForwardNorms: .init(pre: norm()))
    }
    decoder = try CausalDecoder(
      tokens: TokenEmbedding(
        weight: generator.uniformTensor([sizes.vocabularySize, sizes.hiddenSize], deviation: 1),
        format: format),
      transformer: Transformer(blocks: blocks, outputNorm: norm()),
      output: linear(from: sizes.hiddenSize, to: sizes.vocabularySize))
  }

  package func begin(_ prompts: PackedTokens) throws -> (state: DecodingState, tokens: PackedTokens)
  {
    try decoder.begin(prompts)
  }

  package func logits(
    of tokens: PackedTokens, state: inout DecodingState, rows: LogitRows
  ) throws -> Tensor {
    try decoder.logits(of: tokens, state: &state, rows: rows)
  }
}
