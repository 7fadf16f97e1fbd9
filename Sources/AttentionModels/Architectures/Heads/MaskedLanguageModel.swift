import Attention
import AttentionCore

/// An encoder with a head that scores each token id at each position, trained to predict masked tokens.
///
///     y = E norm(f(W h + b)) + c
///
/// E is the matrix of the word embeddings, or a separate matrix of the checkpoint.
///
/// - Source: Devlin et al. 2018, section 3.1; tensor names as in the family's `…ForMaskedLM`.
public struct MaskedLanguageModel: Sendable {
  /// The encoder.
  public let encoder: any EncoderModel
  private let layers: HeadLayers

  /// Loads a checkpoint of a family in ``EncoderModels`` with a head for masked tokens.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: as ``SequenceClassifier/init(_:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    let loaded = try LoadedEncoder(directory, head: .maskedLanguageModel, format: format)
    let (names, loader, sizes) = (loaded.heads, loaded.loader, loaded.encoder.sizes)
    encoder = loaded.encoder
    let embeddingSize = loaded.encoder.input.words.hiddenSize
    var output = try loader.nested(loaded.prefix).vocabulary(
      table: loaded.family.words, head: loader, names.masked.output,
      count: sizes.vocabularySize, hiddenSize: embeddingSize,
      isTied: loaded.configuration.optionalBoolean("tie_word_embeddings") ?? true
    ).output
    if let bias = names.maskedBias {
      // A file with both biases has a separate output layer, or the two are equal.
      let outputBias = "\(names.masked.output).bias"
      output = try output.replacingBias(
        loader.tensor(
          loader.contains(outputBias) ? outputBias : bias, [sizes.vocabularySize]))
    }
    layers = try HeadLayers(names.masked, loaded, denseSize: embeddingSize, output: output)
  }

  /// The scores of all token ids at some positions of the batch.
  ///
  /// - Parameters:
  ///   - tokens: the sequences, with the id of the mask token where a token is to be predicted.
  ///   - positions: the indices of tokens in the batch; nil for all.
  /// - Returns: logits, `[position, token id]`.
  /// - Throws: as the encoder; `AttentionError.argument` naming "positions" for an index out of range.
  public func callAsFunction(
    _ tokens: PackedTokens, at positions: [Int]? = nil
  ) throws -> Tensor {
    if let outside = positions?.first(where: { !tokens.ids.indices.contains($0) }) {
      throw AttentionError.argument(
        "positions", reason: "\(outside) is not in 0..<\(tokens.ids.count)")
    }
    var hidden = try encoder(tokens).hiddenStates
    if let positions { hidden = try hidden.selecting(rows: positions) }
    return try layers(hidden)
  }
}
