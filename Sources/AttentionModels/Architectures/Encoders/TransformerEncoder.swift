import Attention

/// An encoder: embeddings, and blocks whose tokens attend to all tokens of their sequence.
///
///     x = projection(norm(E[id] + P[position] + S[segment]))
///     x ← block(x), for each block
///
/// Each family reads its configuration and weights and creates a `TransformerEncoder`.
struct TransformerEncoder: EncoderModel {
  let sizes: EncoderSizes
  let input: EncoderInput
  let transformer: Transformer

  var hiddenSize: Int { input.hiddenSize }
  var vocabularySize: Int { input.words.count }
  var contextLength: Int? { input.contextLength }

  /// `EncoderModel.callAsFunction(_:returningWeights:)`.
  ///
  /// - Complexity: for each block, O(tokens · weights) for the products, and O(tokens² · hidden size) for
  ///   the attention of a sequence.
  func callAsFunction(_ tokens: PackedTokens, returningWeights: Bool) throws -> EncoderOutput {
    try input.require(tokens)
    var workspace = Transformer.Workspace()
    guard !returningWeights else {
      // The weights are one matrix over all tokens of the batch.
      var hidden = try input(tokens)
      let layers = try transformer.apply(
        to: &hidden, lengths: tokens.lengths, returning: .weights, &workspace)
      return EncoderOutput(
        hiddenStates: hidden, attentionWeights: layers.compactMap(\.weights))
    }
    let hiddenStates = try tokens.mapBatches(hiddenSize: input.hiddenSize) { batch in
      var hidden = try input(batch)
      _ = try transformer.apply(to: &hidden, lengths: batch.lengths, &workspace)
      return hidden
    }
    return EncoderOutput(hiddenStates: hiddenStates)
  }
}
