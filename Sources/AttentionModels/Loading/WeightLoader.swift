import Attention

/// Reads a checkpoint's tensors as layers, by the names that PyTorch gives to their parts.
package struct WeightLoader {
  let checkpoint: Checkpoint
  /// What stands before every name, as in `encoder.layer.0.`.
  let prefix: String
  /// How the weights of linear layers and vocabularies are kept; nil: as in the file, F64 as Float32.
  /// Biases, gains and tables of positions are always Float32.
  package let format: WeightFormat?

  /// Whether a layer has a bias.
  package enum Bias: Sendable {
    case required, none
    /// If the checkpoint has one.
    case optional
  }

  /// Which way a layer's weight lies in the file.
  package typealias Layout = WeightLayout

  package init(_ checkpoint: Checkpoint, prefix: String = "", format: WeightFormat? = nil) {
    self.checkpoint = checkpoint
    self.prefix = prefix
    self.format = format
  }

  /// A reader for the layers whose names begin with `name` and a dot.
  package func nested(_ name: String) -> WeightLoader {
    WeightLoader(checkpoint, prefix: "\(prefix)\(name).", format: format)
  }

  /// Whether there is a tensor of that name.
  package func contains(_ name: String) -> Bool { checkpoint.contains(prefix + name) }

  /// The tensor of that name and shape.
  ///
  /// - Throws: `ModelError.weights`: "missing tensor", or both shapes when they differ.
  package func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    try checkpoint.tensor(prefix + name, shape: shape)
  }

  /// `name.weight`, read straight into the form and format that the layer keeps, and `name.bias`.
  ///
  /// - Parameters:
  ///   - input: the input features.
  ///   - output: the output features that the checkpoint has.
  ///   - layout: `[output, input]`, or `[input, output]` as GPT-2's `Conv1D` has it.
  ///   - outputs: those of the output features that the layer has; nil for all.
  /// - Throws: `ModelError.weights`: "missing tensor", both shapes when they differ, or a number that the
  ///   format cannot hold, each with the tensor's name; `AttentionError.argument` naming "outputs".
  package func linear(
    _ name: String, from input: Int, to output: Int, bias: Bias = .required,
    layout: Layout = .outputInput, outputs: Range<Int>? = nil
  ) throws -> Linear {
    let outputs = outputs ?? 0..<max(output, 0)
    let hasBias =
      switch bias {
      case .required: true
      case .none: false
      case .optional: contains("\(name).bias")
      }
    return try checkpoint.linear(
      "\(prefix)\(name).weight", from: input, to: output, outputs: outputs, layout: layout,
      format: format
    ) {
      hasBias ? try tensor("\(name).bias", [output]).rows(outputs) : nil
    }
  }

  /// `name.weight`, `[count, hiddenSize]`: a vocabulary, whose rows are looked up times `scale` and which may
  /// be the output layer, too.
  ///
  /// - Throws: as `linear(_:from:to:bias:layout:outputs:)`.
  package func tokenEmbedding(
    _ name: String, count: Int, hiddenSize: Int, scale: Float = 1
  ) throws -> TokenEmbedding {
    try TokenEmbedding(linear(name, from: hiddenSize, to: count, bias: .none), scale: scale)
  }

  /// `name.weight`, `[count, hiddenSize]`.
  package func embedding(_ name: String, count: Int, hiddenSize: Int) throws -> Embedding {
    try Embedding(weight: tensor("\(name).weight", [count, hiddenSize]))
  }

  /// `name.weight` and `name.bias`; old checkpoints call them `gamma` and `beta`.
  package func layerNorm(_ name: String, featureCount: Int, epsilon: Float) throws -> LayerNorm {
    let isOld = checkpoint.contains("\(prefix)\(name).gamma")
    return try LayerNorm(
      weight: tensor("\(name).\(isOld ? "gamma" : "weight")", [featureCount]),
      bias: tensor("\(name).\(isOld ? "beta" : "bias")", [featureCount]), epsilon: epsilon)
  }

  /// `name.weight`, `[hiddenSize]`, the weight less `weightOffset`, which Gemma's checkpoints leave out.
  package func rmsNorm(
    _ name: String, featureCount: Int, epsilon: Float, weightOffset: Float = 0
  ) throws -> RMSNorm {
    var weight = try tensor("\(name).weight", [featureCount])
    if weightOffset != 0 {
      try weight.withMutableSpan { span in
        for index in span.indices { span[index] += weightOffset }
      }
    }
    return try RMSNorm(weight: weight, epsilon: epsilon)
  }
}
