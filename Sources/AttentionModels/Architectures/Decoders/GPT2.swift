import Attention

/// GPT-2: a decoder with learned positions, pre-norm blocks, and an output layer that uses the token
/// embedding matrix.
///
///     x = E[id] + P[position]
///     x ← x + attention(norm(x))                       each token attends to itself and earlier ones
///     x ← x + gelu(norm(x) W₁ + b₁) W₂ + b₂
///     logits = norm(x) Eᵀ
///
/// - Source: Radford et al. 2019; tensor names as in Hugging Face's `GPT2LMHeadModel`, which stores the
///   matrices of the blocks as `[input, output]`.
public struct GPT2: LanguageModel {
  /// The values in `config.json`.
  public struct Configuration: Sendable, Hashable {
    /// The number of token ids.
    public let vocabularySize: Int
    /// The number of features of a token between the blocks.
    public let hiddenSize: Int
    /// The number of blocks.
    public let layerCount: Int
    /// The number of heads of a block, each with ``hiddenSize`` / ``headCount`` features.
    public let headCount: Int
    /// The number of features inside a feed-forward layer.
    public let intermediateSize: Int
    /// The longest sequence in tokens.
    public let contextLength: Int
    /// The activation function of the feed-forward layers.
    public let activation: Activation
    /// ε of every norm.
    public let epsilon: Float
    /// Whether scores are divided by the square root of the head dimension.
    public let scalesScores: Bool
    /// Whether the scores of block i, from 1, are divided by i.
    public let scalesScoresByLayer: Bool
    /// Whether the output layer uses the token embedding matrix (tied weights).
    public let isTied: Bool
  }

  /// The sizes and variants of the model.
  public let configuration: Configuration
  package let decoder: CausalDecoder

  /// The number of token ids.
  public var vocabularySize: Int { decoder.vocabularySize }
  /// The longest sequence in tokens: the number of positions.
  public var maxLength: Int? { decoder.maxLength }

  /// Loads a model of type `gpt2` from a folder with `config.json`, and `model.safetensors` or the
  /// shards that `model.safetensors.index.json` lists.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: ``ModelError`` naming the file and what is missing, wrong or not supported in it;
  ///   `AttentionError.file` for a file that cannot be read or is outside the folder;
  ///   `AttentionError.memory` if the weights do not fit.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    let configuration = try Configuration(directory.configuration())
    try self.init(configuration, weights: Checkpoint(directory), format: format)
  }

  init(_ configuration: Configuration, weights: Checkpoint, format: WeightFormat?) throws {
    let (hiddenSize, intermediateSize) = (configuration.hiddenSize, configuration.intermediateSize)
    let epsilon = configuration.epsilon
    let file = WeightLoader(weights, format: format)
    // Names begin with "h.0" in a bare model, with "transformer.h.0" in a model with an output layer.
    let loader = file.contains("transformer.ln_f.weight") ? file.nested("transformer") : file

    let blocks = try (0..<configuration.layerCount).map { index in
      let layer = loader.nested("h.\(index)")
      // W_Q, W_K and W_V are side by side.
      func projection(_ part: Int) throws -> Linear {
        try layer.linear(
          "attn.c_attn", from: hiddenSize, to: 3 * hiddenSize, layout: .inputOutput,
          outputs: part * hiddenSize..<(part + 1) * hiddenSize)
      }
      return try TransformerBlock(
        attention: MultiHeadAttention(
          query: projection(0), key: projection(1), value: projection(2),
          output: layer.linear(
            "attn.c_proj", from: hiddenSize, to: hiddenSize, layout: .inputOutput),
          headCount: configuration.headCount),
        attentionNorms: TransformerBlock.Norms(
          pre: .layer(layer.layerNorm("ln_1", featureCount: hiddenSize, epsilon: epsilon))),
        options: AttentionOptions(scale: configuration.scale(ofLayer: index), mask: .causal),
        feedForward: FeedForward(
          upProjection: layer.linear(
            "mlp.c_fc", from: hiddenSize, to: intermediateSize, layout: .inputOutput),
          activation: configuration.activation,
          downProjection: layer.linear(
            "mlp.c_proj", from: intermediateSize, to: hiddenSize, layout: .inputOutput)),
        feedForwardNorms: TransformerBlock.Norms(
          pre: .layer(layer.layerNorm("ln_2", featureCount: hiddenSize, epsilon: epsilon))))
    }
    let (tokens, output) = try loader.vocabulary(
      table: "wte", head: file, count: configuration.vocabularySize, hiddenSize: hiddenSize,
      isTied: configuration.isTied)
    decoder = try CausalDecoder(
      input: TokenInput(
        tokens: tokens,
        positions: loader.embedding(
          "wpe", count: configuration.contextLength, hiddenSize: hiddenSize)),
      transformer: Transformer(
        blocks: blocks,
        outputNorm: .layer(loader.layerNorm("ln_f", featureCount: hiddenSize, epsilon: epsilon))),
      output: output)
    self.configuration = configuration
  }

  /// Creates empty caches; returns the prompts unchanged.
  ///
  /// - Throws: as ``LanguageModel/begin(_:)``.
  public func begin(
    _ prompts: PackedTokens
  ) throws -> (state: DecodingState, tokens: PackedTokens) {
    try decoder.begin(prompts)
  }

  /// The logits of the next token, `[row, id]`.
  ///
  /// - Throws: as ``LanguageModel/logits(of:state:rows:)``.
  public func logits(
    of tokens: PackedTokens, state: inout DecodingState, rows: LogitRows
  ) throws -> Tensor {
    try decoder.logits(of: tokens, state: &state, rows: rows)
  }
}

extension GPT2.Configuration {
  /// The sizes in a `config.json` of type `gpt2`; the defaults of `GPT2Config` for missing keys.
  ///
  /// `add_cross_attention` is ignored: a decoder alone has no encoder output to attend to.
  ///
  /// - Throws: `ModelError.unsupported` for another architecture or variant,
  ///   `ModelError.configuration` for an invalid value.
  package init(_ config: ConfigurationReader) throws {
    try config.requireArchitecture(["gpt2"])
    vocabularySize = try config.integer("vocab_size", in: 1...100_000_000, default: 50_257)
    hiddenSize = try config.integer("n_embd", in: 1...1_000_000, default: 768)
    layerCount = try config.integer("n_layer", in: 1...10_000, default: 12)
    headCount = try config.integer("n_head", in: 1...1_000_000, default: 12)
    intermediateSize = try config.optionalInteger("n_inner", in: 1...10_000_000) ?? 4 * hiddenSize
    contextLength = try config.integer("n_positions", in: 1...10_000_000, default: 1024)
    activation = try config.activation("activation_function", default: "gelu_new")
    epsilon = try config.epsilon("layer_norm_epsilon", default: 1e-5)
    scalesScores = try config.optionalBoolean("scale_attn_weights") ?? true
    scalesScoresByLayer = try config.optionalBoolean("scale_attn_by_inverse_layer_idx") ?? false
    isTied = try config.optionalBoolean("tie_word_embeddings") ?? true
    guard hiddenSize % headCount == 0 else {
      throw ModelError.configuration(
        path: config.path, reason: "n_embd \(hiddenSize) is not divisible by n_head \(headCount)")
    }
  }

  /// The scale of the attention scores in a block.
  fileprivate func scale(ofLayer index: Int) -> Float {
    let scale = scalesScores ? 1 / Float(hiddenSize / headCount).squareRoot() : 1
    return scalesScoresByLayer ? scale / Float(index + 1) : scale
  }
}
