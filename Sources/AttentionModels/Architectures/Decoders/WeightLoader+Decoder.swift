import Attention

extension WeightLoader {
  /// The loader of a decoder's tensors. Their names begin with `model` only if the checkpoint also has the
  /// output layer.
  func decoderTensors(_ names: DecoderNames) -> WeightLoader {
    contains("\(names.model).\(names.outputNorm).weight") ? nested(names.model) : self
  }

  /// Reads a decoder.
  func decoder(_ decoder: DecoderDescription, _ names: DecoderNames) throws -> CausalDecoder {
    let loader = decoderTensors(names)
    let (tokens, output) = try loader.vocabulary(
      table: names.tokens, head: self,
      names.head.first { contains("\($0).weight") } ?? names.head[0],
      count: decoder.vocabularySize, hiddenSize: decoder.hiddenSize, isTied: decoder.isTied)
    return try CausalDecoder(
      input: TokenInput(tokens: TokenEmbedding(tokens.output, scale: decoder.embeddingScale)),
      transformer: loader.decoderBlocks(decoder, names), output: output,
      logitScale: decoder.logitScale, logitSoftcap: decoder.logitSoftcap, type: decoder.type)
  }

  /// Reads the blocks of a decoder and the norm after them.
  func decoderBlocks(_ decoder: DecoderDescription, _ names: DecoderNames) throws -> Transformer {
    try Transformer(
      blocks: decoder.layers.indices.map {
        try nested("layers.\($0)").decoderBlock($0, decoder, names)
      },
      outputNorm: norm(names.outputNorm, decoder))
  }

  private func norm(_ name: String, _ decoder: DecoderDescription) throws -> Norm {
    let (size, epsilon) = (decoder.hiddenSize, decoder.epsilon)
    switch decoder.norm {
    case .layer: return .layer(try layerNorm(name, featureCount: size, epsilon: epsilon))
    case .rms(let weightOffset):
      return .rms(
        try rmsNorm(name, featureCount: size, epsilon: epsilon, weightOffset: weightOffset))
    }
  }

  private func decoderBlock(
    _ index: Int, _ decoder: DecoderDescription, _ names: DecoderNames
  ) throws -> TransformerBlock {
    let attentionNorms: TransformerBlock.Norms
    let feedForwardNorms: TransformerBlock.Norms
    let afterAttention = try norm("post_attention_layernorm", decoder)
    switch decoder.normPlacement {
    case .before:
      attentionNorms = .init(pre: try norm("input_layernorm", decoder))
      feedForwardNorms = .init(pre: afterAttention)
    case .beforeAndAfter:
      attentionNorms = .init(pre: try norm("input_layernorm", decoder), sandwich: afterAttention)
      feedForwardNorms = .init(
        pre: try norm("pre_feedforward_layernorm", decoder),
        sandwich: try norm("post_feedforward_layernorm", decoder))
    case .after:
      attentionNorms = .init(sandwich: afterAttention)
      feedForwardNorms = .init(sandwich: try norm("post_feedforward_layernorm", decoder))
    }
    return try TransformerBlock(
      attention: decoderAttention(index, decoder, names), attentionNorms: attentionNorms,
      options: AttentionOptions(
        scale: decoder.scoreScale, softcap: decoder.scoreSoftcap, mask: decoder.mask(ofLayer: index)
      ),
      feedForward: decoderFeedForward(index, decoder, names), feedForwardNorms: feedForwardNorms,
      residualScale: decoder.residualScale, isParallel: decoder.isParallel)
  }

  private func decoderAttention(
    _ index: Int, _ decoder: DecoderDescription, _ names: DecoderNames
  ) throws -> MultiHeadAttention {
    let (hiddenSize, headDimension) = (decoder.hiddenSize, decoder.headDimension)
    let (query, key, value) = try attentionProjections(
      names.projections, hiddenSize: hiddenSize,
      heads: (decoder.headCount, decoder.keyValueHeadCount), headDimension: headDimension,
      bias: decoder.hasProjectionBias ? .required : .none)
    func headNorm(_ name: String, size: Int) throws -> RMSNorm? {
      guard decoder.headNorms != .none, case .rms(let weightOffset) = decoder.norm else {
        return nil
      }
      return try rmsNorm(
        name, featureCount: decoder.headNorms == .perHead ? headDimension : size,
        epsilon: decoder.epsilon, weightOffset: weightOffset)
    }
    return try MultiHeadAttention(
      query: query, key: key, value: value,
      output: linear(
        names.attentionOutput, from: query.outputSize, to: hiddenSize,
        bias: decoder.hasOutputBias ? .required : .none),
      headCount: decoder.headCount, keyValueHeadCount: decoder.keyValueHeadCount,
      queryNorm: headNorm(names.queryNorm, size: query.outputSize),
      keyNorm: headNorm(names.keyNorm, size: key.outputSize), rotary: decoder.layers[index].rotary)
  }

  private func decoderFeedForward(
    _ index: Int, _ decoder: DecoderDescription, _ names: DecoderNames
  ) throws -> FeedForwardLayer {
    if decoder.layers[index].hasExperts, let experts = decoder.experts {
      let forms = names.experts
      let form = forms.first { contains("\($0.mixture).gate.weight") } ?? forms[0]
      return .experts(try mixtureOfExperts(experts, form, decoder))
    }
    let bias: Bias = decoder.hasFeedForwardBias ? .required : .none
    return .dense(
      try feedForward(
        names.feedForward, hiddenSize: decoder.hiddenSize,
        intermediateSize: decoder.intermediateSize, activation: decoder.activation, upBias: bias,
        downBias: bias))
  }
}
