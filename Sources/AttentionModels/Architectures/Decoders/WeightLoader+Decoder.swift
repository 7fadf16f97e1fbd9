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
    let queries = decoder.headCount * headDimension
    let keys = decoder.keyValueHeadCount * headDimension
    let bias: Bias = decoder.hasProjectionBias ? .required : .none
    func part(_ name: String, of size: Int, _ rows: OutputRows) throws -> Linear {
      try linear(name, from: hiddenSize, to: size, bias: bias, rows: rows)
    }
    let (query, key, value): (Linear, Linear, Linear)
    switch names.projections {
    case .separate(let queryName, let keyName, let valueName):
      query = try linear(queryName, from: hiddenSize, to: queries, bias: bias)
      key = try linear(keyName, from: hiddenSize, to: keys, bias: bias)
      value = try linear(valueName, from: hiddenSize, to: keys, bias: bias)
    case .joined(let name):
      let size = queries + 2 * keys
      query = try part(name, of: size, OutputRows(0..<queries))
      key = try part(name, of: size, OutputRows(queries..<queries + keys))
      value = try part(name, of: size, OutputRows(queries + keys..<size))
    case .interleaved(let name):
      func third(_ index: Int) throws -> Linear {
        try part(
          name, of: queries + 2 * keys,
          OutputRows(part: index, of: 3, length: headDimension, groups: decoder.headCount))
      }
      (query, key, value) = (try third(0), try third(1), try third(2))
    }
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
        names.attentionOutput, from: queries, to: hiddenSize,
        bias: decoder.hasOutputBias ? .required : .none),
      headCount: decoder.headCount, keyValueHeadCount: decoder.keyValueHeadCount,
      queryNorm: headNorm(names.queryNorm, size: queries),
      keyNorm: headNorm(names.keyNorm, size: keys), rotary: decoder.layers[index].rotary)
  }

  private func decoderFeedForward(
    _ index: Int, _ decoder: DecoderDescription, _ names: DecoderNames
  ) throws -> FeedForwardLayer {
    if decoder.layers[index].hasExperts, let experts = decoder.experts {
      let forms = names.experts
      let form = forms.first { contains("\($0.mixture).gate.weight") } ?? forms[0]
      return .experts(try mixtureOfExperts(experts, form, decoder))
    }
    let (input, inner) = (decoder.hiddenSize, decoder.intermediateSize)
    let bias: Bias = decoder.hasFeedForwardBias ? .required : .none
    switch names.feedForward {
    case .separate(let up, let gate, let down):
      return .dense(
        try FeedForward(
          upProjection: linear(up, from: input, to: inner, bias: bias),
          gateProjection: gate.map { try linear($0, from: input, to: inner, bias: bias) },
          activation: decoder.activation,
          downProjection: linear(down, from: inner, to: input, bias: bias)))
    case .joined(let gateAndUp, let down):
      func half(_ outputs: Range<Int>) throws -> Linear {
        try linear(gateAndUp, from: input, to: 2 * inner, bias: bias, outputs: outputs)
      }
      return .dense(
        try FeedForward(
          upProjection: half(inner..<2 * inner), gateProjection: half(0..<inner),
          activation: decoder.activation,
          downProjection: linear(down, from: inner, to: input, bias: bias)))
    }
  }
}
