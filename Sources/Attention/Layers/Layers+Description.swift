// Descriptions of layers: sizes and options on one line, without weights.

extension Linear: CustomStringConvertible {
  /// The sizes, such as `Linear(768 → 3072, bias)`.
  public var description: String {
    DescriptionText.parts(
      "Linear", "\(inputSize) → \(outputSize)", bias == nil ? nil : "bias",
      format == .float32 ? nil : "\(format)")
  }
}

extension Embedding: CustomStringConvertible {
  /// The sizes, such as `Embedding(30522 × 384)`.
  public var description: String { "Embedding(\(count) × \(hiddenSize))" }
}

extension TokenEmbedding: CustomStringConvertible {
  /// The sizes, such as `TokenEmbedding(32000 × 768, bfloat16)`.
  public var description: String {
    DescriptionText.parts(
      "TokenEmbedding", "\(count) × \(hiddenSize)", format == .float32 ? nil : "\(format)",
      scale == 1 ? nil : "scale \(DescriptionText.number(scale))")
  }
}

extension LayerNorm: CustomStringConvertible {
  /// The size, such as `LayerNorm(384, epsilon 1e-12)`.
  public var description: String {
    "LayerNorm(\(featureCount), epsilon \(DescriptionText.number(epsilon)))"
  }
}

extension RMSNorm: CustomStringConvertible {
  /// The size, such as `RMSNorm(4096, epsilon 1e-05)`.
  public var description: String {
    "RMSNorm(\(featureCount), epsilon \(DescriptionText.number(epsilon)))"
  }
}

extension Norm: CustomStringConvertible {
  /// The description of the norm, such as `LayerNorm(384, epsilon 1e-12)`.
  public var description: String {
    switch self {
    case .layer(let norm): norm.description
    case .rms(let norm): norm.description
    }
  }
}

extension FeedForward: CustomStringConvertible {
  /// The sizes, such as `FeedForward(384 → 1536 → 384, gelu)`.
  public var description: String {
    DescriptionText.parts(
      "FeedForward",
      "\(upProjection.inputSize) → \(upProjection.outputSize) → \(downProjection.outputSize)",
      "\(activation)", gateProjection == nil ? nil : "gated")
  }
}

extension MixtureOfExperts: CustomStringConvertible {
  /// The numbers of experts and the first one, such as
  /// `MixtureOfExperts(2 of 8 experts: FeedForward(…))`.
  public var description: String {
    DescriptionText.parts(
      "MixtureOfExperts",
      "\(activeCount) of \(counted(experts.count, "expert"))"
        + (experts.first.map { ": \($0)" } ?? ""),
      normalizesWeights ? "normalized" : nil, sharedExpert.map { "shared: \($0)" },
      sharedGate == nil ? nil : "shared gate")
  }
}

extension FeedForwardLayer: CustomStringConvertible {
  /// The description of the layer, such as `FeedForward(384 → 1536 → 384, gelu)`.
  public var description: String {
    switch self {
    case .dense(let layer): layer.description
    case .experts(let layer): layer.description
    }
  }
}

extension MultiHeadAttention: CustomStringConvertible {
  /// The sizes, such as `MultiHeadAttention(768 → 768, 12 heads × 64)`.
  public var description: String {
    DescriptionText.parts(
      "MultiHeadAttention", "\(query.inputSize) → \(output.outputSize)",
      "\(counted(headCount, "head")) × \(keyDimension)",
      keyValueHeadCount == headCount ? nil : "\(keyValueHeadCount) key/value heads",
      queryNorm == nil && keyNorm == nil ? nil : "head norms", rotary == nil ? nil : "rotary",
      appendedKeys.isEmpty ? nil : "\(appendedKeys)")
  }
}

extension MultiHeadAttention.AppendedKeys: CustomStringConvertible {
  /// The kinds of appended keys that exist, such as `AppendedKeys(biasKeyValue, zero)`.
  public var description: String {
    DescriptionText.parts(
      "AppendedKeys", biasKeyValue == nil ? nil : "biasKeyValue", addsZeroAttention ? "zero" : nil)
  }

  fileprivate var isEmpty: Bool { biasKeyValue == nil && !addsZeroAttention }
}

extension TransformerBlock: CustomStringConvertible {
  /// The parts, such as `TransformerBlock(MultiHeadAttention(…), FeedForward(…))`.
  public var description: String {
    DescriptionText.parts(
      "TransformerBlock", "\(attention)", crossAttention.map { "cross-attention: \($0)" },
      "\(feedForward)",
      residualScale == 1
        ? nil : "residual scale \(DescriptionText.number(residualScale))",
      isParallel ? "parallel" : nil)
  }
}

extension TransformerBlock.Norms: CustomStringConvertible {
  /// The norms by their position, such as `Norms(pre: RMSNorm(4096, epsilon 1e-05))`.
  public var description: String {
    DescriptionText.parts(
      "Norms", pre.map { "pre: \($0)" }, sandwich.map { "sandwich: \($0)" },
      post.map { "post: \($0)" })
  }
}

extension Transformer: CustomStringConvertible {
  /// The number of blocks and the first block, such as
  /// `Transformer(6 blocks: TransformerBlock(…))`.
  public var description: String {
    DescriptionText.parts(
      "Transformer",
      counted(blocks.count, "block") + (blocks.first.map { ": \($0)" } ?? ""),
      outputNorm.map { "output norm: \($0)" })
  }
}

extension Transformer.Result: CustomStringConvertible {
  /// The shapes, such as `Result(output: [5, 384], 6 layers)`.
  public var description: String {
    "Result(output: \(output.shape), \(counted(layers.count, "layer")))"
  }
}

extension TokenConvolution: CustomStringConvertible {
  /// The sizes, such as `TokenConvolution(1536, kernel size 3, gelu)`.
  public var description: String {
    DescriptionText.parts(
      "TokenConvolution", "\(hiddenSize)", "kernel size \(kernelSize)", "\(activation)")
  }
}

extension DisentangledPositions: CustomStringConvertible {
  /// The sizes, such as `DisentangledPositions(256 buckets, maximum distance 512, 12 heads × 64)`.
  public var description: String {
    DescriptionText.parts(
      "DisentangledPositions", counted(bucketCount, "bucket"),
      maximumDistance.map { "maximum distance \($0)" },
      "\(counted(headCount, "head")) × \(headDimension)")
  }
}

extension RotaryEmbedding: CustomStringConvertible {
  /// The parameters, such as `RotaryEmbedding(64, base 10000, half-split)`.
  public var description: String {
    DescriptionText.parts(
      "RotaryEmbedding",
      rotaryDimension == headDimension
        ? "\(headDimension)" : "\(rotaryDimension) of \(headDimension)",
      "base \(DescriptionText.number(base))", layout.rawValue,
      scaling == .none ? nil : "scaling \(scaling)")
  }
}

extension YaRNScaling: CustomStringConvertible {
  /// The properties by name.
  public var description: String { DescriptionText.properties("YaRNScaling", of: self) }
}

extension Llama3Scaling: CustomStringConvertible {
  /// The properties by name.
  public var description: String { DescriptionText.properties("Llama3Scaling", of: self) }
}

extension LongRoPEScaling: CustomStringConvertible {
  /// The properties by name.
  public var description: String { DescriptionText.properties("LongRoPEScaling", of: self) }
}

extension RotaryScaling: CustomStringConvertible {
  /// The kind and its parameters, such as `linear(factor: 2)`.
  public var description: String {
    switch self {
    case .none: "none"
    case .linear(let factor): "linear(factor: \(DescriptionText.number(factor)))"
    case .fixedNTK(let factor): "fixedNTK(factor: \(DescriptionText.number(factor)))"
    case .ntkAware(let factor): "ntkAware(factor: \(DescriptionText.number(factor)))"
    case .dynamicNTK(let factor, let length):
      "dynamicNTK(factor: \(DescriptionText.number(factor)), originalLength: \(length))"
    case .yarn(let scaling): "\(scaling)"
    case .llama3(let scaling): "\(scaling)"
    case .longRoPE(let scaling): "\(scaling)"
    }
  }
}

extension RotaryCache: CustomStringConvertible {
  /// The number of tokens and the embedding, such as `RotaryCache(5 tokens, RotaryEmbedding(…))`.
  public var description: String {
    "RotaryCache(\(counted(tokenCount, "token")), \(embedding))"
  }
}

extension KeyValueCache: CustomStringConvertible {
  /// The lengths and sizes, such as `KeyValueCache(lengths [5, 3], 4 heads × 64, growing)`.
  public var description: String {
    DescriptionText.parts(
      "KeyValueCache", "lengths \(DescriptionText.list(regions.lazy.map(\.length)))",
      "\(counted(keyValueHeadCount, "head")) × \(keyDimension)",
      valueDimension == keyDimension ? nil : "values × \(valueDimension)", "\(policy)")
  }
}
