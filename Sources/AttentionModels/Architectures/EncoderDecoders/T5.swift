import Attention

/// T5, Flan-T5, mT5 and umT5: an encoder whose tokens attend to the whole prompt, and a decoder that generates a text.
///
///     x = E[id]
///     x ← x + attention(norm(x))                       s = q·k + b[bucket(distance), head]
///     x ← x + attention(norm(x), m)                    in the decoder: s = q·k
///     x ← x + feedForward(norm(x))
///     m = norm(x) in the encoder;  logits = d^(−1/2) norm(x) Eᵀ in the decoder
///
/// Norms are RMS norms; no layer has a bias. Scores are not divided by √dk: the initial weights in training
/// contain this factor. Positions enter only through `RelativePositionBias`, with one table for all blocks of
/// the encoder and one for all blocks of the decoder; in umT5, with one table per block. The feed-forward layer is f(x W₁) W₂. In version 1.1
/// the layer is (f(x W₀) ∘ x W₁) W₂, and a separate output layer replaces d^(−1/2) E.
///
/// - Source: Raffel et al. 2020, section 2.1; version 1.1: Shazeer 2020 and the authors' repository; umT5:
///   Chung et al. 2023; tensor names as in Hugging Face's `T5ForConditionalGeneration`.
public struct T5: LanguageModel {
  /// The values in `config.json`.
  public struct Configuration: Sendable, Hashable {
    /// The number of token ids.
    public let vocabularySize: Int
    /// The number of features of a token between the blocks.
    public let hiddenSize: Int
    /// The number of features of a head; times ``headCount`` it may differ from ``hiddenSize``.
    public let headDimension: Int
    /// The number of heads of a block.
    public let headCount: Int
    /// The number of features inside a feed-forward layer.
    public let intermediateSize: Int
    /// The number of blocks of the encoder.
    public let encoderLayerCount: Int
    /// The number of blocks of the decoder.
    public let decoderLayerCount: Int
    /// The number of buckets of distances, each with one bias per head.
    public let bucketCount: Int
    /// The distance from which on all distances share one bucket.
    public let maximumDistance: Int
    /// Whether all blocks use the table of the first block: true, except in umT5.
    public let sharesPositionBias: Bool
    /// The activation function of the feed-forward layers.
    public let activation: Activation
    /// Whether the feed-forward layers have a gate.
    public let isGated: Bool
    /// Whether the output is scaled by d^(−1/2): true if the output layer uses the token embedding matrix.
    public let scalesOutput: Bool
    /// ε of every norm.
    public let epsilon: Float
    /// The first token of a text.
    public let startToken: Int
  }

  /// The sizes and variants of the model.
  public let configuration: Configuration
  private let model: EncoderDecoder

  /// The number of token ids.
  public var vocabularySize: Int { configuration.vocabularySize }
  /// nil for no limit: distances that are longer than in training share a bucket.
  public var maxLength: Int? { nil }
  /// True.
  public var isEncoderDecoder: Bool { true }

  /// Loads a model of type `t5`, `mt5` or `umt5` from a folder with `config.json`, and `model.safetensors` or the
  /// shards that `model.safetensors.index.json` lists.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: ``ModelError`` naming the file and what is missing, wrong or not supported in it;
  ///   `AttentionError.file` for a file that cannot be read or is outside the folder;
  ///   `AttentionError.memory` if the weights do not fit.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    let configuration = try Configuration(
      directory.configuration(), generation: directory.generationConfiguration())
    try self.init(configuration, weights: Checkpoint(directory), format: format)
  }

  init(_ configuration: Configuration, weights: Checkpoint, format: WeightFormat?) throws {
    let loader = WeightLoader(weights, format: format)
    // Only files of version 1.1 have an output layer.
    let vocabulary = try loader.sharedVocabulary(
      head: loader, count: configuration.vocabularySize, hiddenSize: configuration.hiddenSize,
      isTied: true)
    var decoder = try Self.transformer(loader.nested("decoder"), configuration, isDecoder: true)
    if configuration.scalesOutput {
      decoder = try decoder.scalingOutput(by: 1 / Float(configuration.hiddenSize).squareRoot())
    }
    model = EncoderDecoder(
      input: TokenInput(tokens: vocabulary.encoder),
      encoder: try Self.transformer(loader.nested("encoder"), configuration, isDecoder: false),
      decoder: CausalDecoder(
        input: TokenInput(tokens: vocabulary.decoder), transformer: decoder,
        output: vocabulary.output),
      startToken: configuration.startToken)
    self.configuration = configuration
  }

  /// The blocks of the encoder or the decoder, and the norm after the last block.
  private static func transformer(
    _ loader: WeightLoader, _ configuration: Configuration, isDecoder: Bool
  ) throws -> Transformer {
    let (hiddenSize, intermediateSize) = (configuration.hiddenSize, configuration.intermediateSize)
    let innerDimension = configuration.headCount * configuration.headDimension
    func norm(_ loader: WeightLoader, _ name: String = "layer_norm") throws -> Norm {
      .rms(try loader.rmsNorm(name, featureCount: hiddenSize, epsilon: configuration.epsilon))
    }
    func attention(_ loader: WeightLoader) throws -> MultiHeadAttention {
      try MultiHeadAttention(
        query: loader.linear("q", from: hiddenSize, to: innerDimension, bias: .none),
        key: loader.linear("k", from: hiddenSize, to: innerDimension, bias: .none),
        value: loader.linear("v", from: hiddenSize, to: innerDimension, bias: .none),
        output: loader.linear("o", from: innerDimension, to: hiddenSize, bias: .none),
        headCount: configuration.headCount)
    }
    func feedForward(_ loader: WeightLoader) throws -> FeedForward {
      let upName = configuration.isGated ? "wi_1" : "wi"
      return try FeedForward(
        upProjection: loader.linear(upName, from: hiddenSize, to: intermediateSize, bias: .none),
        gateProjection: configuration.isGated
          ? loader.linear("wi_0", from: hiddenSize, to: intermediateSize, bias: .none) : nil,
        activation: configuration.activation,
        downProjection: loader.linear("wo", from: intermediateSize, to: hiddenSize, bias: .none))
    }
    func bias(ofBlock index: Int) throws -> RelativePositionBias {
      try RelativePositionBias(
        table: loader.tensor(
          "block.\(index).layer.0.SelfAttention.relative_attention_bias.weight",
          [configuration.bucketCount, configuration.headCount]),
        isBidirectional: !isDecoder, maximumDistance: configuration.maximumDistance)
    }
    // Tables of other blocks, and of cross-attention, are ignored.
    let shared = configuration.sharesPositionBias ? try bias(ofBlock: 0) : nil

    let layerCount =
      isDecoder ? configuration.decoderLayerCount : configuration.encoderLayerCount
    let blocks = try (0..<layerCount).map { index in
      let layers = loader.nested("block.\(index).layer")
      let first = layers.nested("0")
      let cross = isDecoder ? layers.nested("1") : nil
      let last = layers.nested(isDecoder ? "2" : "1")
      return try TransformerBlock(
        attention: attention(first.nested("SelfAttention")),
        attentionNorms: TransformerBlock.Norms(pre: norm(first)),
        options: AttentionOptions(
          scale: 1, modifiers: [shared ?? bias(ofBlock: index)], mask: isDecoder ? .causal : .none),
        crossAttention: cross.map { try attention($0.nested("EncDecAttention")) },
        crossNorms: TransformerBlock.Norms(pre: cross.map { try norm($0) }),
        crossOptions: AttentionOptions(scale: 1),
        feedForward: feedForward(last.nested("DenseReluDense")),
        feedForwardNorms: TransformerBlock.Norms(pre: norm(last)))
    }
    return try Transformer(blocks: blocks, outputNorm: norm(loader, "final_layer_norm"))
  }

  /// The encoder output for each token of the prompts, `[token, hiddenSize]`.
  ///
  /// - Throws: as ``begin(_:)``.
  package func encode(_ prompts: PackedTokens) throws -> Tensor { try model.encode(prompts) }

  /// Encodes the prompts; returns the start token for each.
  ///
  /// - Throws: as ``LanguageModel/begin(_:)``.
  public func begin(
    _ prompts: PackedTokens
  ) throws -> (state: DecodingState, tokens: PackedTokens) {
    try model.begin(prompts)
  }

  /// The logits of the next token, `[row, id]`.
  ///
  /// - Throws: as ``LanguageModel/logits(of:state:rows:)``.
  public func logits(
    of tokens: PackedTokens, state: inout DecodingState, rows: LogitRows
  ) throws -> Tensor {
    try model.decoder.logits(of: tokens, state: &state, rows: rows)
  }
}

extension Transformer {
  /// The same transformer with its output multiplied by a factor. The output norm's weight contains the
  /// factor.
  fileprivate func scalingOutput(by factor: Float) throws -> Transformer {
    guard case .rms(let norm) = outputNorm else { return self }
    var weight = norm.weight
    try weight.scale(by: factor)
    return try Transformer(
      blocks: blocks, outputNorm: .rms(RMSNorm(weight: weight, epsilon: norm.epsilon)))
  }
}
