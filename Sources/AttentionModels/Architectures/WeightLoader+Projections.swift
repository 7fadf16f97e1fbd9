import Attention

extension WeightLoader {
  /// Reads the query, key and value projections of a block.
  ///
  /// - Parameters:
  ///   - heads: the number of heads of the queries, and of the keys and values.
  ///   - headDimension: the number of features of a head.
  ///   - bias: whether the projections have a bias.
  func attentionProjections(
    _ names: AttentionProjectionNames, hiddenSize: Int, heads: (query: Int, keyValue: Int),
    headDimension: Int, bias: Bias
  ) throws -> (query: Linear, key: Linear, value: Linear) {
    let queries = heads.query * headDimension
    let keys = heads.keyValue * headDimension
    let size = queries + 2 * keys
    func whole(_ name: String, _ size: Int) throws -> Linear {
      try linear(name, from: hiddenSize, to: size, bias: bias)
    }
    func part(_ name: String, _ rows: OutputRows) throws -> Linear {
      try linear(name, from: hiddenSize, to: size, bias: bias, rows: rows)
    }
    switch names {
    case .separate(let query, let key, let value):
      return (try whole(query, queries), try whole(key, keys), try whole(value, keys))
    case .joined(let name):
      return (
        try part(name, OutputRows(0..<queries)),
        try part(name, OutputRows(queries..<queries + keys)),
        try part(name, OutputRows(queries + keys..<size))
      )
    case .interleaved(let name):
      func third(_ index: Int) throws -> Linear {
        try part(
          name, OutputRows(part: index, of: 3, length: headDimension, groups: heads.query))
      }
      return (try third(0), try third(1), try third(2))
    }
  }

  /// Reads the feed-forward layer of a block.
  ///
  /// - Parameters:
  ///   - upBias: whether the up projection and the gate have a bias.
  ///   - downBias: whether the down projection has a bias.
  func feedForward(
    _ names: FeedForwardNames, hiddenSize: Int, intermediateSize: Int, activation: Activation,
    upBias: Bias, downBias: Bias
  ) throws -> FeedForward {
    func whole(_ name: String) throws -> Linear {
      try linear(name, from: hiddenSize, to: intermediateSize, bias: upBias)
    }
    func half(_ name: String, _ index: Int) throws -> Linear {
      try linear(
        name, from: hiddenSize, to: 2 * intermediateSize, bias: upBias,
        outputs: index * intermediateSize..<(index + 1) * intermediateSize)
    }
    let (up, gate, down): (Linear, Linear?, String)
    switch names {
    case .separate(let upName, let gateName, let downName):
      (up, gate, down) = (try whole(upName), try gateName.map(whole), downName)
    case .gateAboveUp(let name, let downName):
      (up, gate, down) = (try half(name, 1), try half(name, 0), downName)
    case .gateBelowUp(let name, let downName):
      (up, gate, down) = (try half(name, 0), try half(name, 1), downName)
    }
    return try FeedForward(
      upProjection: up, gateProjection: gate, activation: activation,
      downProjection: linear(down, from: intermediateSize, to: hiddenSize, bias: downBias))
  }
}
