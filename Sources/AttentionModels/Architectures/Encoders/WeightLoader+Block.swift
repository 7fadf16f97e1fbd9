import Attention

extension WeightLoader {
  /// Reads the attention of a block whose heads divide the hidden size.
  ///
  /// - Parameters:
  ///   - bias: whether the projections have a bias.
  ///   - rotary: the rotary embedding of queries and keys.
  ///   - positions: relative positions as additional keys and queries.
  func selfAttention(
    _ names: HeadProjectionNames, output: String, hiddenSize: Int, headCount: Int,
    bias: Bias = .required, rotary: RotaryEmbedding? = nil,
    positions: DisentangledPositions? = nil
  ) throws -> MultiHeadAttention {
    func square(_ name: String) throws -> Linear {
      try linear(name, from: hiddenSize, to: hiddenSize, bias: bias)
    }
    let parts: [Linear]
    switch names {
    case .separate(let query, let key, let value):
      parts = [try square(query), try square(key), try square(value)]
    case .fused(let name):
      parts = try (0..<3).map {
        try linear(
          name, from: hiddenSize, to: 3 * hiddenSize, bias: bias,
          outputs: $0 * hiddenSize..<($0 + 1) * hiddenSize)
      }
    }
    return try MultiHeadAttention(
      query: parts[0], key: parts[1], value: parts[2], output: square(output),
      headCount: headCount, rotary: rotary, disentangledPositions: positions)
  }

  /// Reads the feed-forward layer of a block.
  ///
  /// - Parameters:
  ///   - upBias: whether the up projection and the gate have a bias.
  ///   - downBias: whether the down projection has a bias.
  func feedForward(
    _ names: UpProjectionNames, down: String, hiddenSize: Int, intermediateSize: Int,
    activation: Activation, upBias: Bias = .required, downBias: Bias = .required
  ) throws -> FeedForward {
    func whole(_ name: String) throws -> Linear {
      try linear(name, from: hiddenSize, to: intermediateSize, bias: upBias)
    }
    func half(_ name: String, _ index: Int) throws -> Linear {
      try linear(
        name, from: hiddenSize, to: 2 * intermediateSize, bias: upBias,
        outputs: index * intermediateSize..<(index + 1) * intermediateSize)
    }
    let (up, gate): (Linear, Linear?)
    switch names {
    case .plain(let name): (up, gate) = (try whole(name), nil)
    case .gated(let upName, let gateName): (up, gate) = (try whole(upName), try whole(gateName))
    case .gateAboveUp(let name): (up, gate) = (try half(name, 1), try half(name, 0))
    case .gateBelowUp(let name): (up, gate) = (try half(name, 0), try half(name, 1))
    }
    return try FeedForward(
      upProjection: up, gateProjection: gate, activation: activation,
      downProjection: linear(down, from: intermediateSize, to: hiddenSize, bias: downBias))
  }
}
