import Attention
import AttentionCore

/// DeBERTa v2 and v3: BERT's blocks with disentangled attention, whose scores also compare tokens with relative
/// positions. The first block of large v2 models has a convolution beside it.
///
/// - Source: He et al. 2021; tensor names as in Hugging Face's `DebertaV2Model`.
enum DeBERTa {
  private static let names = PostNormBlockNames(
    projections: .separate(
      query: "attention.self.query_proj", key: "attention.self.key_proj",
      value: "attention.self.value_proj"))

  static let family = EncoderFamily(
    types: ["deberta-v2"], prefixes: ["deberta"],
    heads: { config, _ in
      var names = HeadNames.bert(prefix: "")
      names.sequence.dense = "pooler.dense"
      names.sequence.activation = try config.activation("pooler_hidden_act", default: "gelu")
      if try config.optionalBoolean("legacy") == false {
        names.masked.dense = "lm_predictions.lm_head.dense"
        names.masked.norm = "lm_predictions.lm_head.LayerNorm"
        // The output layer is always the matrix of the word embeddings.
        names.masked.output = "lm_predictions.lm_head.decoder"
        names.maskedBias = "lm_predictions.lm_head.bias"
      }
      return names
    }
  ) { config in
    var defaults = EncoderSizes()
    (defaults.vocabularySize, defaults.hiddenSize, defaults.layerCount) = (128_100, 1536, 24)
    (defaults.headCount, defaults.intermediateSize, defaults.segmentCount) = (24, 6144, 0)
    defaults.epsilon = 1e-7
    let sizes = try EncoderSizes(config, defaults: defaults, leastSegments: 0)
    let embeddingSize =
      try config.optionalInteger("embedding_size", in: 1...1_000_000) ?? sizes.hiddenSize
    let hasPositions = try config.optionalBoolean("position_biased_input") ?? true
    let relative = try RelativePositions(config, sizes)
    let convolution = try Convolution(config, sizes)
    return { loader in
      var input = try loader.encoderInput(
        sizes, featureCount: embeddingSize, hasPositions: hasPositions, norm: nil)
      if embeddingSize != sizes.hiddenSize {
        input.projection = try loader.linear(
          "embeddings.embed_proj", from: embeddingSize, to: sizes.hiddenSize, bias: .none)
      }
      input.projectedNorm = try loader.layerNorm(
        "embeddings.LayerNorm", featureCount: sizes.hiddenSize, epsilon: sizes.epsilon)
      let table = try relative.table(loader, sizes)
      let options = PostNormBlockOptions(attention: AttentionOptions(scale: relative.scale))
      let blocks = try (0..<sizes.layerCount).map { index in
        let block = loader.nested("encoder.layer.\(index)")
        return try block.postNormBlock(
          names, sizes, options: options,
          positions: relative.positions(
            table, block.nested("attention.self"), sizes),
          convolution: index == 0 ? convolution?.read(loader.nested("encoder.conv"), sizes) : nil)
      }
      return TransformerEncoder(
        sizes: sizes, input: input, transformer: try Transformer(blocks: blocks))
    }
  }
}

extension DeBERTa {
  /// The relative positions in `config.json`.
  private struct RelativePositions {
    /// Whether scores have a term from content to position, and one from position to content.
    let (hasKeys, hasQueries): (Bool, Bool)
    /// 1 / √(dk · number of terms).
    let scale: Float
    private let isUsed: Bool
    private let bucketCount: Int
    private let maximumDistance: Int?
    /// Whether the projections of the content also project the positions.
    private let sharesProjections: Bool
    private let isNormalized: Bool

    init(_ config: ConfigurationReader, _ sizes: EncoderSizes) throws {
      let types = try Self.types(config)
      (hasKeys, hasQueries) = (types.contains("c2p"), types.contains("p2c"))
      // The terms count even if there are no relative positions, as in transformers.
      let termCount = 1 + (hasKeys ? 1 : 0) + (hasQueries ? 1 : 0)
      scale = 1 / Float(sizes.headDimension * termCount).squareRoot()
      isUsed = try config.optionalBoolean("relative_attention") ?? false && (hasKeys || hasQueries)
      let limits = -1_000_000_000...100_000_000
      let distance = try config.optionalInteger("max_relative_positions", in: limits) ?? -1
      let longest = distance < 1 ? sizes.positionCount : distance
      let buckets = try config.optionalInteger("position_buckets", in: limits) ?? -1
      bucketCount = buckets > 0 ? buckets : longest
      maximumDistance = buckets > 0 ? longest : nil
      sharesProjections = try config.optionalBoolean("share_att_key") ?? false
      isNormalized =
        try config.optionalString("norm_rel_ebd")?.lowercased().contains("layer_norm") ?? false
    }

    /// `pos_att_type`: an array, or names with "|" between them.
    private static func types(_ config: ConfigurationReader) throws -> [String] {
      let key = "pos_att_type"
      guard let value = config.value(key) else { return [] }
      if let names = value.string {
        return names.lowercased().split(separator: "|").map {
          String($0.drop { $0 == " " }.prefix { $0 != " " })
        }
      }
      return try config.optionalArray(key)?.map {
        guard let name = $0.string else {
          throw config.mismatch(key, expected: "string or array of strings", $0)
        }
        return name
      } ?? []
    }

    /// The embeddings of the relative positions, `[2 · bucket, hidden size]`, which all blocks share; nil for none.
    func table(_ loader: WeightLoader, _ sizes: EncoderSizes) throws -> Tensor? {
      guard isUsed else { return nil }
      let table = try loader.tensor(
        "encoder.rel_embeddings.weight", [2 * bucketCount, sizes.hiddenSize])
      guard isNormalized else { return table }
      return try loader.layerNorm(
        "encoder.LayerNorm", featureCount: sizes.hiddenSize, epsilon: sizes.epsilon)(table)
    }

    /// The relative positions of a block.
    ///
    /// - Parameters:
    ///   - table: from `table(_:_:)`.
    ///   - attention: the loader of the block's projections.
    func positions(
      _ table: Tensor?, _ attention: WeightLoader, _ sizes: EncoderSizes
    ) throws -> DisentangledPositions? {
      guard let table else { return nil }
      func projected(_ isUsed: Bool, _ name: String) throws -> Tensor? {
        guard isUsed else { return nil }
        let projection = try attention.linear(
          sharesProjections ? name : "pos_\(name)", from: sizes.hiddenSize, to: sizes.hiddenSize)
        return try projection(table).reshaped(
          to: [2 * bucketCount, sizes.headCount, sizes.headDimension])
      }
      return try DisentangledPositions(
        keys: projected(hasKeys, "key_proj"), queries: projected(hasQueries, "query_proj"),
        maximumDistance: maximumDistance)
    }
  }

  /// The convolution in `config.json`.
  private struct Convolution {
    private let kernelSize: Int
    private let groups: Int
    private let activation: Activation

    /// nil for none.
    init?(_ config: ConfigurationReader, _ sizes: EncoderSizes) throws {
      kernelSize = try config.integer("conv_kernel_size", in: 0...1000, default: 0)
      guard kernelSize > 0 else { return nil }
      groups = try config.integer("conv_groups", in: 1...1_000_000, default: 1)
      activation = try config.activation("conv_act", default: "tanh")
      guard sizes.hiddenSize % groups == 0 else {
        throw config.failure(
          "hidden_size \(sizes.hiddenSize) is not divisible by conv_groups \(groups)")
      }
    }

    func read(_ loader: WeightLoader, _ sizes: EncoderSizes) throws -> TokenConvolution {
      let size = sizes.hiddenSize
      return try TokenConvolution(
        weight: loader.tensor("conv.weight", [size, size / groups, kernelSize]),
        bias: loader.tensor("conv.bias", [size]), groups: groups, activation: activation,
        norm: .layer(
          loader.layerNorm("LayerNorm", featureCount: size, epsilon: sizes.epsilon)))
    }
  }
}
