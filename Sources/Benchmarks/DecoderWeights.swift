import Attention
import AttentionModels

/// The weights that a decoder multiplies by in each step.
struct DecoderWeights {
  /// The number of weights of the blocks, used once per token.
  private(set) var blocks = 0
  /// The number of weights of the output layer, used once per row of logits.
  private(set) var output = 0
  /// The size of these weights in memory: the bytes that a step reads.
  private(set) var byteCount = 0

  init(_ decoder: CausalDecoder) {
    for block in decoder.transformer.blocks {
      let attention = block.attention
      let layers =
        [attention.query, attention.key, attention.value, attention.output]
        + block.feedForward.activeProjections
      for layer in layers {
        blocks += layer.inputSize * layer.outputSize
        byteCount += layer.byteCount
      }
    }
    output = decoder.output.inputSize * decoder.output.outputSize
    byteCount += decoder.output.byteCount
  }

  /// The floating-point operations of a step: 2 for each weight that a token or a row of logits uses.
  ///
  /// The operations of attention itself are not counted: they are few for typical prompt lengths.
  func operations(tokens: Int, rows: Int) -> Double {
    2 * (Double(tokens) * Double(blocks) + Double(rows) * Double(output))
  }
}
