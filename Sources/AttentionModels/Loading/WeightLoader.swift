import Attention

/// Reads layers from a checkpoint, by PyTorch's names for their parameters.
package struct WeightLoader {
  let checkpoint: Checkpoint
  /// The prefix of all names, such as `encoder.layer.0.`.
  let prefix: String
  /// The format of linear layers and token embeddings in memory; nil for the format of the file, float32
  /// for F64. Biases, norms and position embeddings are always float32.
  package let format: WeightFormat?

  /// Whether a layer has a bias.
  package enum Bias: Sendable {
    case required, none
  }

  package init(_ checkpoint: Checkpoint, prefix: String = "", format: WeightFormat? = nil) {
    self.checkpoint = checkpoint
    self.prefix = prefix
    self.format = format
  }

  /// A loader for the layers whose names begin with `name` and a dot.
  package func nested(_ name: String) -> WeightLoader {
    WeightLoader(checkpoint, prefix: "\(prefix)\(name).", format: format)
  }

  /// A loader that stores matrices in another format.
  func converting(to format: WeightFormat) -> WeightLoader {
    WeightLoader(checkpoint, prefix: prefix, format: format)
  }

  /// Whether the checkpoint has a tensor of that name.
  package func contains(_ name: String) -> Bool { checkpoint.contains(prefix + name) }

  /// The tensor of that name and shape.
  ///
  /// - Throws: `ModelError.weights`: "missing tensor", or both shapes if they differ.
  package func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    try checkpoint.tensor(prefix + name, shape: shape)
  }

  /// `name.weight`, read directly into the layout and format of the layer, and `name.bias`.
  ///
  /// - Parameters:
  ///   - input: the number of input features.
  ///   - output: the number of output features in the checkpoint.
  ///   - layout: `[output, input]`, or `[input, output]` as in GPT-2's `Conv1D`.
  ///   - outputs: the output features that the layer uses; nil for all.
  /// - Throws: `ModelError.weights`: "missing tensor", both shapes if they differ, or a number that the
  ///   format cannot represent, each with the name of the tensor; `AttentionError.argument` naming
  ///   "outputs".
  package func linear(
    _ name: String, from input: Int, to output: Int, bias: Bias = .required,
    layout: WeightLayout = .outputInput, outputs: Range<Int>? = nil
  ) throws -> Linear {
    try linear(
      name, from: input, to: output, bias: bias, layout: layout,
      rows: OutputRows(outputs ?? 0..<max(output, 0)))
  }

  /// The same for output features that need not be consecutive.
  func linear(
    _ name: String, from input: Int, to output: Int, bias: Bias,
    layout: WeightLayout = .outputInput,
    rows: OutputRows
  ) throws -> Linear {
    try checkpoint.linear(
      "\(prefix)\(name).weight", from: input, to: output, outputs: rows, layout: layout,
      format: format
    ) {
      guard bias == .required else { return nil }
      let all = try tensor("\(name).bias", [output])
      let selected = try rows.runs(in: 0..<rows.count).flatMap { try all.rows($0).scalars }
      return try Tensor(shape: [selected.count], scalars: selected)
    }
  }

  /// Matrix `index` of the stack `name`, `[count, output, input]`, which has no bias.
  ///
  /// - Parameter outputs: the output features that the layer uses.
  /// - Throws: as `linear(_:from:to:bias:layout:outputs:)`.
  func stacked(
    _ name: String, _ index: Int, of count: Int, from input: Int, to output: Int,
    outputs: Range<Int>
  ) throws -> Linear {
    let first = index * output
    return try checkpoint.linear(
      prefix + name, from: input, to: count * output,
      outputs: OutputRows(first + outputs.lowerBound..<first + outputs.upperBound),
      shape: [count, output, input], format: format)
  }

  /// `name.weight`, `[count, hiddenSize]`: token embeddings, which can also be the output layer.
  ///
  /// - Throws: as `linear(_:from:to:bias:layout:outputs:)`.
  package func tokenEmbedding(
    _ name: String, count: Int, hiddenSize: Int
  ) throws -> TokenEmbedding {
    try TokenEmbedding(linear(name, from: hiddenSize, to: count, bias: .none))
  }

  /// `name.weight`, `[count, hiddenSize]`.
  package func embedding(_ name: String, count: Int, hiddenSize: Int) throws -> Embedding {
    try Embedding(weight: tensor("\(name).weight", [count, hiddenSize]))
  }

  /// `name.weight`, `[count, hiddenSize]`: word embeddings that are not an output layer, in `format`.
  func wordTable(_ name: String, count: Int, hiddenSize: Int) throws -> WordTable {
    let format = try format ?? checkpoint.weightFormat(of: "\(prefix)\(name).weight")
    return format == .float32
      ? .rows(try embedding(name, count: count, hiddenSize: hiddenSize))
      : .panels(try tokenEmbedding(name, count: count, hiddenSize: hiddenSize))
  }

  /// `name.weight` and `name.bias`, which old checkpoints call `gamma` and `beta`.
  package func layerNorm(
    _ name: String, featureCount: Int, epsilon: Float, bias: Bias = .required
  ) throws -> LayerNorm {
    let isOld = checkpoint.contains("\(prefix)\(name).gamma")
    return try LayerNorm(
      weight: tensor("\(name).\(isOld ? "gamma" : "weight")", [featureCount]),
      bias: bias == .required
        ? tensor("\(name).\(isOld ? "beta" : "bias")", [featureCount])
        : Tensor(shape: [featureCount], repeating: 0),
      epsilon: epsilon)
  }

  /// `name.weight` + `weightOffset`, `[featureCount]`: Gemma's checkpoints store weight − 1.
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
