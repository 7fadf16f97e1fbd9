import Attention

/// BART: an encoder whose tokens attend to the whole prompt, and a decoder that generates a text.
///
///     x = norm(c E[id] + P[position])                  c = √d, or 1
///     x ← norm(x + attention(x))                       s = q·k / √dk
///     x ← norm(x + attention(x, m))                    in the decoder
///     x ← norm(x + f(x W₁ + b₁) W₂ + b₂)
///     m = x in the encoder;  logits = x Eᵀ + b in the decoder
///
/// Encoder and decoder have separate positions, and may differ in depth, heads and intermediate size. Marian,
/// M2M-100, mBART and Pegasus are variants of this structure: see ``Family``.
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

    /// The family.
    public let family: Family
    /// The number of token ids of the texts.
    public let vocabularySize: Int
    /// The number of token ids of the prompts. Differs from ``vocabularySize`` only in Marian models with
    /// separate vocabularies.
    public let encoderVocabularySize: Int
    /// Whether encoder and decoder have one vocabulary.
    public let sharesVocabulary: Bool
    /// The number of features of a token between the blocks.
    public let hiddenSize: Int
    /// The sizes of the encoder.
    public let encoder: Stack
    /// The sizes of the decoder.
    public let decoder: Stack
    /// The longest prompt and the longest text, in tokens. M2M-100 accepts longer ones.
    public let contextLength: Int
    /// The activation function of the feed-forward layers.
    public let activation: Activation
    /// Whether token embeddings are multiplied by √hiddenSize.
    public let scalesEmbedding: Bool
    /// Whether the output layer uses the token embedding matrix (tied weights).
    public let isTied: Bool
    /// The first token of a text.
    public let startToken: Int
    /// The id of the padding token, which has no position in M2M-100; nil in other families.
    public let paddingToken: Int?
  }

  /// The sizes and variants of the model.
  public let configuration: Configuration
  private let model: EncoderDecoder

  /// The number of token ids of the texts.
  public var vocabularySize: Int { configuration.vocabularySize }
  /// The number of token ids of the prompts.
  public var promptVocabularySize: Int { configuration.encoderVocabularySize }
  /// The longest text in tokens: the number of positions; nil for no limit.
  public var maxLength: Int? { model.decoder.maxLength }
  /// True.
  public var isEncoderDecoder: Bool { true }

  /// ε of every norm; `config.json` does not have it.
  private static let epsilon: Float = 1e-5

  /// Loads a model of one of the families from a folder with `config.json`, and `model.safetensors` or the
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
    let isPrefixed = file.contains("model.encoder.layers.0.self_attn.k_proj.weight")
    let loader = isPrefixed ? file.nested("model") : file
    let vocabulary = try Self.vocabulary(loader, head: file, configuration)

    let (encoder, decoder) = (loader.nested("encoder"), loader.nested("decoder"))
    model = EncoderDecoder(
      input: try Self.input(encoder, configuration, tokens: vocabulary.encoder),
      encoder: try Self.transformer(
        encoder, configuration, configuration.encoder, isDecoder: false),
      decoder: CausalDecoder(
        input: try Self.input(decoder, configuration, tokens: vocabulary.decoder),
        transformer: try Self.transformer(
          decoder, configuration, configuration.decoder, isDecoder: true),
        output: try configuration.family.traits.hasLogitsBias
          ? Self.output(vocabulary.output, file) : vocabulary.output),
      startToken: configuration.startToken)
    self.configuration = configuration
  }

  /// The token embeddings and the output layer.
  private static func vocabulary(
    _ loader: WeightLoader, head: WeightLoader, _ configuration: Configuration
  ) throws -> (encoder: TokenEmbedding, decoder: TokenEmbedding, output: Linear) {
    let (hiddenSize, isTied) = (configuration.hiddenSize, configuration.isTied)
    guard configuration.sharesVocabulary else {
      let own = try loader.vocabulary(
        table: "decoder.embed_tokens", head: head, count: configuration.vocabularySize,
        hiddenSize: hiddenSize, isTied: isTied)
      let encoder = try loader.tokenEmbedding(
        "encoder.embed_tokens", count: configuration.encoderVocabularySize, hiddenSize: hiddenSize)
      return (encoder, own.tokens, own.output)
    }
    return try loader.sharedVocabulary(
      head: head, count: configuration.vocabularySize, hiddenSize: hiddenSize, isTied: isTied)
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
    let hiddenSize = configuration.hiddenSize
    let scale = configuration.scalesEmbedding ? Float(hiddenSize).squareRoot() : 1
    var input = try TokenInput(tokens: TokenEmbedding(tokens.output, scale: scale))
    let (name, length) = ("embed_positions", configuration.contextLength)
    switch configuration.family.traits.positions {
    case .learned(let unused):
      let table = try loader.tensor("\(name).weight", [length + unused, hiddenSize])
      input.positions = try Embedding(weight: table.rows(unused..<length + unused))
    case .sinusoidal where loader.contains("\(name).weight"):
      input.positions = try loader.embedding(name, count: length, hiddenSize: hiddenSize)
    case .sinusoidal:
      input.computedPositions = ComputedPositions(
        formula: try SinusoidalPositions(hiddenSize: hiddenSize, formula: .marian),
        maxLength: length)
    case .unlimited:
      input.computedPositions = ComputedPositions(
        formula: try SinusoidalPositions(hiddenSize: hiddenSize, formula: .fairseq),
        paddingToken: configuration.paddingToken)
    }
    if configuration.family.traits.normalizesEmbedding {
      input.norm = .layer(
        try loader.layerNorm("layernorm_embedding", featureCount: hiddenSize, epsilon: epsilon))
    }
    return input
  }

  /// The blocks of the encoder or the decoder.
  private static func transformer(
    _ loader: WeightLoader, _ configuration: Configuration, _ stack: Configuration.Stack,
    isDecoder: Bool
  ) throws -> Transformer {
    let (hiddenSize, intermediateSize) = (configuration.hiddenSize, stack.intermediateSize)
    let isPreNorm = configuration.family.traits.isPreNorm
    let blocks = try (0..<stack.layerCount).map { index in
      let layer = loader.nested("layers.\(index)")
      func norms(_ name: String) throws -> TransformerBlock.Norms {
        let norm = Norm.layer(
          try layer.layerNorm(name, featureCount: hiddenSize, epsilon: epsilon))
        return isPreNorm ? .init(pre: norm) : .init(post: norm)
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
        attention: attention("self_attn"), attentionNorms: norms("self_attn_layer_norm"),
        options: AttentionOptions(mask: isDecoder ? .causal : .none),
        crossAttention: isDecoder ? attention("encoder_attn") : nil,
        crossNorms: isDecoder ? norms("encoder_attn_layer_norm") : TransformerBlock.Norms(),
        feedForward: FeedForward(
          upProjection: layer.linear("fc1", from: hiddenSize, to: intermediateSize),
          activation: configuration.activation,
          downProjection: layer.linear("fc2", from: intermediateSize, to: hiddenSize)),
        feedForwardNorms: norms("final_layer_norm"))
    }
    let outputNorm =
      try isPreNorm
      ? Norm.layer(
        loader.layerNorm("layer_norm", featureCount: hiddenSize, epsilon: epsilon)) : nil
    return try Transformer(blocks: blocks, outputNorm: outputNorm)
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

extension BART.Traits {
  static let bart = BART.Traits(
    name: "BART", isPreNorm: false, normalizesEmbedding: true,
    positions: .learned(unusedRows: 2), hasLogitsBias: true, vocabularySize: 50_265, startToken: 2,
    bosToken: 0)
}
