import Attention

/// Llama and related models: decoders with rotary positions, RMS norms and gated feed-forward layers.
///
///     x = E[id]
///     x ← x + attention(norm(x))                       each token attends to itself and earlier ones
///     x ← x + (f(n W_gate) ∘ (n W_up)) W_down          n = norm(x)
///     logits = norm(x) Wᵀ                              W is E or a separate matrix
///
/// ``Family`` describes the differences from Llama.
///
/// - Source: Touvron et al. 2023; Jiang et al. 2023 (Mistral); Qwen Team 2024 and 2025; Gemma Team 2024.
///   Tensor names as in Hugging Face's `LlamaForCausalLM`.
public struct Llama: LanguageModel {
  /// The sizes and variants of the model.
  public let configuration: Configuration
  package let decoder: CausalDecoder

  /// The number of token ids.
  public var vocabularySize: Int { decoder.vocabularySize }
  /// nil: rotary positions have no limit, but the model was not trained for positions beyond
  /// ``Configuration/contextLength``.
  public var maxLength: Int? { decoder.maxLength }

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
    let configuration = try Configuration(directory.configuration())
    try self.init(configuration, weights: Checkpoint(directory), format: format)
  }

  init(_ configuration: Configuration, weights: Checkpoint, format: WeightFormat?) throws {
    let file = WeightLoader(weights, format: format)
    // Names begin with "layers.0" in a bare model, with "model.layers.0" in a model with an output layer.
    let loader = file.contains("model.norm.weight") ? file.nested("model") : file
    let hiddenSize = configuration.hiddenSize
    let (tokens, output) = try loader.vocabulary(
      table: "embed_tokens", head: file, count: configuration.vocabularySize,
      hiddenSize: hiddenSize,
      isTied: configuration.isTied)
    decoder = try CausalDecoder(
      input: TokenInput(
        tokens: TokenEmbedding(
          tokens.output, scale: configuration.scalesEmbeddings ? Float(hiddenSize).squareRoot() : 1)
      ),
      transformer: Transformer(
        blocks: (0..<configuration.layerCount).map { index in
          try Self.block(index, configuration, loader.nested("layers.\(index)"))
        },
        outputNorm: Self.norm("norm", configuration, loader)),
      output: output, logitSoftcap: configuration.logitSoftcap)
    self.configuration = configuration
  }

  private static func block(
    _ index: Int, _ configuration: Configuration, _ loader: WeightLoader
  ) throws -> TransformerBlock {
    let (hiddenSize, intermediateSize) = (configuration.hiddenSize, configuration.intermediateSize)
    let queryDimension = configuration.headCount * configuration.headDimension
    let keyValueDimension = configuration.keyValueHeadCount * configuration.headDimension
    func linear(
      _ name: String, from input: Int, to output: Int, bias: Bool
    ) throws -> Linear {
      try loader.linear(name, from: input, to: output, bias: bias ? .required : .none)
    }
    func headNorm(_ name: String) throws -> RMSNorm? {
      guard configuration.normalizesHeads else { return nil }
      return try loader.rmsNorm(
        name, featureCount: configuration.headDimension, epsilon: configuration.epsilon)
    }

    let hasBias = configuration.hasProjectionBias
    let attention = try MultiHeadAttention(
      query: linear("self_attn.q_proj", from: hiddenSize, to: queryDimension, bias: hasBias),
      key: linear("self_attn.k_proj", from: hiddenSize, to: keyValueDimension, bias: hasBias),
      value: linear("self_attn.v_proj", from: hiddenSize, to: keyValueDimension, bias: hasBias),
      output: linear(
        "self_attn.o_proj", from: queryDimension, to: hiddenSize, bias: configuration.hasOutputBias),
      headCount: configuration.headCount, keyValueHeadCount: configuration.keyValueHeadCount,
      queryNorm: headNorm("self_attn.q_norm"), keyNorm: headNorm("self_attn.k_norm"),
      rotary: configuration.rotary)
    let feedForward = try FeedForward(
      upProjection: linear(
        "mlp.up_proj", from: hiddenSize, to: intermediateSize,
        bias: configuration.hasFeedForwardBias),
      gateProjection: linear(
        "mlp.gate_proj", from: hiddenSize, to: intermediateSize,
        bias: configuration.hasFeedForwardBias),
      activation: configuration.activation,
      downProjection: linear(
        "mlp.down_proj", from: intermediateSize, to: hiddenSize,
        bias: configuration.hasFeedForwardBias))

    let input = try norm("input_layernorm", configuration, loader)
    let afterAttention = try norm("post_attention_layernorm", configuration, loader)
    let norms: (attention: TransformerBlock.Norms, feedForward: TransformerBlock.Norms)
    if configuration.hasSandwichNorms {
      norms = (
        .init(pre: input, sandwich: afterAttention),
        try .init(
          pre: norm("pre_feedforward_layernorm", configuration, loader),
          sandwich: norm("post_feedforward_layernorm", configuration, loader))
      )
    } else {
      norms = (.init(pre: input), .init(pre: afterAttention))
    }
    let window = configuration.windows[index]
    return try TransformerBlock(
      attention: attention, attentionNorms: norms.attention,
      options: AttentionOptions(
        scale: configuration.scoreScale, softcap: configuration.scoreSoftcap,
        mask: window.map { .window(left: $0 - 1, right: 0) } ?? .causal),
      feedForward: feedForward, feedForwardNorms: norms.feedForward)
  }

  /// A norm over the features of a token; Gemma's files store weight − 1.
  private static func norm(
    _ name: String, _ configuration: Configuration, _ loader: WeightLoader
  ) throws -> Norm {
    try .rms(
      loader.rmsNorm(
        name, featureCount: configuration.hiddenSize, epsilon: configuration.epsilon,
        weightOffset: configuration.hasWeightOffset ? 1 : 0))
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
