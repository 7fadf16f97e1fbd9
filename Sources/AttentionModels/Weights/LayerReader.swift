import Attention

/// Reads a checkpoint's tensors as layers, by the names that PyTorch gives to their parts.
package struct LayerReader {
  let checkpoint: Checkpoint
  /// What stands before every name, as in `encoder.layer.0.`.
  let prefix: String

  package init(_ checkpoint: Checkpoint, prefix: String = "") {
    self.checkpoint = checkpoint
    self.prefix = prefix
  }

  /// A reader for the layers whose names begin with `name` and a dot.
  package func nested(_ name: String) -> LayerReader {
    LayerReader(checkpoint, prefix: "\(prefix)\(name).")
  }

  /// The tensor of that name and shape.
  ///
  /// - Throws: `ModelError.weights`: "missing tensor", or both shapes when they differ.
  package func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    try checkpoint.tensor(prefix + name, shape: shape)
  }

  /// `name.weight`, `[output, input]`, and `name.bias`.
  package func linear(_ name: String, from input: Int, to output: Int) throws -> Linear {
    try Linear(
      weight: tensor("\(name).weight", [output, input]), bias: tensor("\(name).bias", [output]))
  }

  /// `name.weight`, `[count, width]`.
  package func embedding(_ name: String, count: Int, width: Int) throws -> Embedding {
    try Embedding(weight: tensor("\(name).weight", [count, width]))
  }

  /// `name.weight` and `name.bias`; old checkpoints call them `gamma` and `beta`.
  package func layerNorm(_ name: String, width: Int, epsilon: Float) throws -> LayerNorm {
    let isOld = checkpoint.contains("\(prefix)\(name).gamma")
    return try LayerNorm(
      gain: tensor("\(name).\(isOld ? "gamma" : "weight")", [width]),
      bias: tensor("\(name).\(isOld ? "beta" : "bias")", [width]), epsilon: epsilon)
  }
}
