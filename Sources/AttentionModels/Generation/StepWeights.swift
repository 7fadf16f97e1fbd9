import Attention

/// The weights that every step of generating text multiplies by.
package struct StepWeights: Sendable {
  /// Of the blocks, for each token.
  package var blocks = 0
  /// Of the output layer, for each token whose logits are wanted.
  package var output = 0
  /// What all of them take in memory, and so what a step reads.
  package var byteCount = 0

  /// Floating-point operations for so many tokens, of which so many have logits: 2 for each weight.
  ///
  /// Attention's own come on top; at the lengths of prompts they are few.
  package func operations(tokens: Int, rows: Int) -> Double {
    2 * (Double(tokens) * Double(blocks) + Double(rows) * Double(output))
  }
}

/// A model that can tell the weights of its steps.
package protocol StepWeighing {
  /// What each step multiplies by.
  var stepWeights: StepWeights { get }
}

extension StepWeights {
  /// The weights of a decoder's blocks and output layer.
  init(_ transformer: Transformer, output: Linear) {
    for block in transformer.blocks {
      let attention = block.attention
      let layers = [
        attention.query, attention.key, attention.value, attention.output,
        block.feedForward.upProjection, block.feedForward.gateProjection,
        block.feedForward.downProjection,
      ].compactMap(\.self)
      for layer in layers {
        blocks += layer.inputSize * layer.outputSize
        byteCount += layer.byteCount
      }
    }
    self.output = output.inputSize * output.outputSize
    byteCount += output.byteCount
  }
}
