import Attention

/// BART: an encoder whose tokens attend to the whole prompt, and a decoder that generates a text.
///
///     x = norm(c E[id] + P[position])                  c = √d, or 1
///     x ← norm(x + attention(x))                       s = q·k / √dk
///     x ← norm(x + attention(x, m))                    in the decoder
///     x ← norm(x + f(x W₁ + b₁) W₂ + b₂)
///     m = x in the encoder;  logits = x Eᵀ + b in the decoder
///
/// Encoder and decoder have separate positions, and may differ in depth, heads and intermediate size.
///
/// - Source: Lewis et al. 2019; tensor names as in Hugging Face's `BartForConditionalGeneration`.
public struct BART: LanguageModel {
  /// The values in `config.json`.
  public struct Configuration: Sendable, Hashable {
    /// The sizes of the encoder, or of the decoder.
    public struct Stack: Sendable, Hashable {
      /// The number of blocks.
      public let layerCount: Int
      /// The number of heads of a block, each with ``BART/Configuration/hiddenSize`` / ``headCount`` features.
      public let headCount: Int
      /// The number of features inside a feed-forward layer.
      public let intermediateSize: Int
    }

    /// The number of token ids.
    public let vocabularySize: Int
    /// The number of features of a token between the blocks.
    public let hiddenSize: Int
    /// The sizes of the encoder.
    public let encoder: Stack
    /// The sizes of the decoder.
    public let decoder: Stack
    /// The longest prompt and the longest text, in tokens.
    public let contextLength: Int
    /// The activation function of the feed-forward layers.
    public let activation: Activation
    /// Whether token embeddings are multiplied by √hiddenSize.
    public let scalesEmbedding: Bool
    /// Whether the output layer uses the token embedding matrix (tied weights).
    public let isTied: Bool
    /// The first token of a text.
    public let startToken: Int
  }

  /// The sizes and variants of the model.
  public let configuration: Configuration
  private let model: EncoderDecoder

  /// The number of token ids.
  public var vocabularySize: Int { configuration.vocabularySize }
  /// The longest text in tokens: the number of positions.
  public var maxLength: Int? { configuration.contextLength }
  /// True.
  public var isEncoderDecoder: Bool { true }

  /// ε of every norm; `config.json` does not have it.
  private static let epsilon: Float = 1e-5

  /// Loads a model of type `bart` from a folder with `config.json`, and `model.safetensors` or the
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
    let file = WeightLoader(weights, format: format)
    // Names begin with "encoder" in a bare model, with "model.encoder" in a model with an output layer.
    let isPrefixed = file.contains("model.encoder.layernorm_embedding.weight")
    let loader = isPrefixed ? file.nested("model") : file
    let vocabulary = try loader.sharedVocabulary(
      head: file, count: configuration.vocabularySize, hiddenSize: configuration.hiddenSize,
      isTied: configuration.isTied)

    let (encoder, decoder) = (loader.nested("encoder"), loader.nested("decoder"))
    model = EncoderDecoder(
      input: try Self.input(encoder, configuration, tokens: vocabulary.encoder),
      encoder: try Self.transformer(
        encoder, configuration, configuration.encoder, isDecoder: false),
      decoder: CausalDecoder(
        input: try Self.input(decoder, configuration, tokens: vocabulary.decoder),
        transformer: try Self.transformer(
          decoder, configuration, configuration.decoder, isDecoder: true),
        output: try Self.output(vocabulary.output, file)),
      startToken: configuration.startToken)
    self.configuration = configuration
  }

  /// The output layer with its bias, which bare models do not have.
  private static func output(_ layer: Linear, _ file: WeightLoader) throws -> Linear {
    guard file.contains("final_logits_bias") else { return layer }
    let bias = try file.tensor("final_logits_bias", [1, layer.outputSize])
    return try layer.replacingBias(bias.reshaped(to: [layer.outputSize]))
  }

  /// x before the first block of the encoder or the decoder.
  private static func input(
    _ loader: WeightLoader, _ configuration: Configuration, tokens: TokenEmbedding
  ) throws -> TokenInput {
    let (hiddenSize, length) = (configuration.hiddenSize, configuration.contextLength)
    // The first two rows of the table are unused.
    let positions = try loader.tensor("embed_positions.weight", [length + 2, hiddenSize])
    let scale = configuration.scalesEmbedding ? Float(hiddenSize).squareRoot() : 1
    return try TokenInput(
      tokens: TokenEmbedding(tokens.output, scale: scale),
      positions: Embedding(weight: positions.rows(2..<length + 2)),
      norm: .layer(
        loader.layerNorm("layernorm_embedding", featureCount: hiddenSize, epsilon: epsilon)))
  }

  /// The blocks of the encoder or the decoder.
  private static func transformer(
    _ loader: WeightLoader, _ configuration: Configuration, _ stack: Configuration.Stack,
    isDecoder: Bool
  ) throws -> Transformer {
    let (hiddenSize, intermediateSize) = (configuration.hiddenSize, stack.intermediateSize)
    let blocks = try (0..<stack.layerCount).map { index in
      let layer = loader.nested("layers.\(index)")
      func norm(_ name: String) throws -> TransformerBlock.Norms {
        TransformerBlock.Norms(
          post: .layer(try layer.layerNorm(name, featureCount: hiddenSize, epsilon: epsilon)))
      }
      func attention(_ name: String) throws -> MultiHeadAttention {
        let loader = layer.nested(name)
        return try MultiHeadAttention(
          query: loader.linear("q_proj", from: hiddenSize, to: hiddenSize),
          key: loader.linear("k_proj", from: hiddenSize, to: hiddenSize),
          value: loader.linear("v_proj", from: hiddenSize, to: hiddenSize),
          output: loader.linear("out_proj", from: hiddenSize, to: hiddenSize),
          headCount: stack.headCount)
      }
      return try TransformerBlock(
        attention: attention("self_attn"), attentionNorms: norm("self_attn_layer_norm"),
        options: AttentionOptions(mask: isDecoder ? .causal : .none),
        crossAttention: isDecoder ? attention("encoder_attn") : nil,
        crossNorms: isDecoder ? norm("encoder_attn_layer_norm") : TransformerBlock.Norms(),
        feedForward: FeedForward(
          upProjection: layer.linear("fc1", from: hiddenSize, to: intermediateSize),
          activation: configuration.activation,
          downProjection: layer.linear("fc2", from: intermediateSize, to: hiddenSize)),
        feedForwardNorms: norm("final_layer_norm"))
    }
    return try Transformer(blocks: blocks)
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
