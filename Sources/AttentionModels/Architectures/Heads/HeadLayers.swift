import Attention

/// The layers of every head. W₁ and the norm are optional.
///
///     y = W₂ norm(f(W₁ h + b₁)) + b₂
struct HeadLayers: Sendable {
  private let dense: Linear?
  private let activation: Activation
  private let norm: LayerNorm?
  private let output: Linear

  /// Reads the layers of a head.
  ///
  /// - Parameters:
  ///   - denseSize: the number of outputs of W₁, if it is not the hidden size.
  ///   - output: W₂ and b₂.
  init(
    _ names: HeadLayerNames, _ loaded: LoadedEncoder, denseSize: Int? = nil, output: Linear
  ) throws {
    let (loader, sizes) = (loaded.loader, loaded.encoder.sizes)
    let size = denseSize ?? loaded.hiddenSize
    dense = try names.dense.map {
      try loader.linear($0, from: loaded.hiddenSize, to: size, bias: names.denseBias)
    }
    activation = names.activation ?? sizes.activation
    norm = try names.norm.map {
      try loader.layerNorm(
        $0, featureCount: size, epsilon: sizes.epsilon, bias: names.normBias)
    }
    self.output = output
  }

  /// Reads the layers of a head with the given number of outputs.
  init(_ names: HeadLayerNames, _ loaded: LoadedEncoder, outputCount: Int) throws {
    try self.init(
      names, loaded,
      output: loaded.loader.linear(
        names.output, from: loaded.hiddenSize, to: outputCount, bias: names.outputBias))
  }

  /// y, `[row, output]`, for each row h of `hidden`.
  func callAsFunction(_ hidden: Tensor) throws -> Tensor {
    var hidden = hidden
    if let dense { hidden = try activation(dense(hidden)) }
    if let norm { hidden = try norm(hidden) }
    return try output(hidden)
  }
}
