/// A sequence of blocks, each applied to the output of the previous one: an encoder or a decoder.
///
/// All blocks share the memory of their intermediate tensors, so only the first block allocates.
public struct Transformer: Sendable {
  /// The blocks in order.
  public let blocks: [TransformerBlock]
  /// Applied to the last block's output; nil for none.
  public let outputNorm: Norm?

  /// A transformer with the given blocks.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` with the first block of another hidden size,
  ///   or naming "outputNorm".
  public init(blocks: [TransformerBlock], outputNorm: Norm? = nil) throws {
    let hiddenSize = blocks.first?.hiddenSize ?? outputNorm?.featureCount
    for (index, block) in blocks.enumerated() where block.hiddenSize != hiddenSize {
      throw AttentionError.argument(
        "blocks[\(index)]",
        reason:
          "expected hidden size \(blocks[0].hiddenSize) as in blocks[0], got \(block.hiddenSize)"
      )
    }
    if let outputNorm, outputNorm.featureCount != hiddenSize {
      throw AttentionError.argument(
        "outputNorm",
        reason:
          "expected hidden size \(hiddenSize ?? 0) as in the blocks, got \(outputNorm.featureCount)"
      )
    }
    self.blocks = blocks
    self.outputNorm = outputNorm
  }

  /// The results of a transformer for a packed batch.
  public struct Result: Sendable {
    /// x after the last block, `[token, hidden size]`.
    public var output: Tensor
    /// The requested results of each block's self-attention; their outputs are empty.
    public var layers: [AttentionResult]
  }

  /// Applies the blocks to a packed batch, each sequence independently.
  ///
  /// - Parameters:
  ///   - input: x, `[token, hidden size]`, packed sequences.
  ///   - lengths: the length of each sequence; nil means one sequence.
  ///   - crossAttentionCaches: the projected encoder output for each block with cross-attention,
  ///     from ``makeCrossAttentionCaches(_:lengths:)``.
  ///   - results: the results to return of each block's self-attention.
  /// - Returns: the output `[token, hidden size]`, and the requested results of each block.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the hidden size differs;
  ///   ``AttentionError/argument(_:reason:)`` naming "lengths" or "crossAttentionCaches"; and as
  ///   ``MultiHeadAttention``.
  public func callAsFunction(
    _ input: consuming Tensor, lengths: [Int]? = nil, crossAttentionCaches: [KeyValueCache] = [],
    returning results: AttentionResults = []
  ) throws -> Result {
    var (hidden, workspace) = (input, Workspace())
    let layers = try apply(
      to: &hidden, lengths: lengths, crossAttentionCaches: crossAttentionCaches, returning: results,
      &workspace)
    return Result(output: hidden, layers: layers)
  }

  /// Applies the blocks to new tokens that follow the tokens in the caches. Appends the keys and
  /// values of the new tokens to the caches.
  ///
  /// - Parameters:
  ///   - input: x of the new tokens, `[token, hidden size]`, packed sequences.
  ///   - lengths: the number of new tokens of each sequence; nil means the same number for each.
  ///   - caches: one per block, from ``makeCaches(sequenceCount:)``. They do not change if an error
  ///     is thrown.
  ///   - crossAttentionCaches: the projected encoder output for each block with cross-attention,
  ///     from ``makeCrossAttentionCaches(_:lengths:)``.
  /// - Returns: the output of the new tokens, `[token, hidden size]`.
  /// - Throws: as the method without caches; ``AttentionError/argument(_:reason:)`` naming "caches"
  ///   unless there is one per block.
  public func callAsFunction(
    _ input: consuming Tensor, lengths: [Int]? = nil, caches: inout [KeyValueCache],
    crossAttentionCaches: [KeyValueCache] = []
  ) throws -> Tensor {
    var hidden = input
    try require(hidden, crossAttentionCaches: crossAttentionCaches)
    guard !caches.isEmpty, caches.count == blocks.count else {
      throw AttentionError.argument(
        "caches", reason: "expected \(blocks.count), one per block, got \(caches.count)")
    }
    let before = caches[0].lengths
    guard caches.allSatisfy({ $0.lengths == before }) else {
      throw AttentionError.argument("caches", reason: "the caches have different lengths")
    }
    let lengths = try caches[0].stepLengths(lengths, total: hidden.shape[0], of: "input")
    var pass = TransformerPass(lengths: lengths, positions: .offsets(before), results: [])
    do {
      try pass.observer?.begin(hidden)
      // Index instead of iterating: copying a block updates dozens of reference counts.
      for index in blocks.indices {
        try blocks[index].requireCacheSupport()
        _ = try blocks[index].apply(
          to: &hidden, &pass,
          crossAttentionCache: crossAttentionCaches.isEmpty ? nil : crossAttentionCaches[index]
        ) { heads, options, results, memory in
          try caches[index].append(keys: heads.keys, values: heads.values, lengths: lengths) {
            try $0.result(
              queries: heads.queries, options: options, returning: results,
              output: memory.take())
          }
        }
      }
      try outputNorm?.apply(to: &hidden)
    } catch {
      for index in caches.indices { try caches[index].rewind(to: before) }
      throw error
    }
    return hidden
  }

  /// An empty cache for each block.
  ///
  /// If a block's mask is a window that ends at the query, its cache keeps only that window.
  ///
  /// - Throws: as ``MultiHeadAttention/makeCache(sequenceCount:policy:)``.
  public func makeCaches(sequenceCount: Int) throws -> [KeyValueCache] {
    try blocks.map {
      try $0.attention.makeCache(
        sequenceCount: sequenceCount,
        policy: $0.options.mask.reach.map { .rotating(window: $0) } ?? .growing)
    }
  }

  /// The projected keys and values of an encoder output for each block with cross-attention,
  /// computed once for all decoding steps.
  ///
  /// - Parameters:
  ///   - encoderOutput: m, the encoder output, `[encoder token, encoder hidden size]`, packed
  ///     sequences.
  ///   - lengths: the length of each sequence; nil means one sequence.
  public func makeCrossAttentionCaches(_ encoderOutput: Tensor, lengths: [Int]? = nil) throws
    -> [KeyValueCache]
  {
    try blocks.compactMap {
      try $0.crossAttention?.makeCrossAttentionCache(encoderOutput, lengths: lengths)
    }
  }

  /// Buffers that several calls share.
  package struct Workspace {
    fileprivate var attention = AttentionWorkspace()

    package init() {}
  }

  /// Replaces `hidden`, the input of the blocks, with their output.
  ///
  /// - Returns: the requested results of each block, without the output.
  package func apply(
    to hidden: inout Tensor, lengths: [Int]?, crossAttentionCaches: [KeyValueCache] = [],
    returning results: AttentionResults = [], _ workspace: inout Workspace
  ) throws -> [AttentionResult] {
    try require(hidden, crossAttentionCaches: crossAttentionCaches)
    var pass = TransformerPass(
      lengths: lengths ?? [hidden.shape[0]], positions: .fromStart, results: results)
    swap(&pass.workspace, &workspace.attention)
    defer { swap(&pass.workspace, &workspace.attention) }
    try pass.observer?.begin(hidden)
    let layers = try blocks.enumerated().map { index, block in
      try block.apply(
        to: &hidden, &pass,
        crossAttentionCache: crossAttentionCaches.isEmpty ? nil : crossAttentionCaches[index],
        attend: MultiHeadAttention.attend)
    }
    try outputNorm?.apply(to: &hidden)
    return layers
  }

  private func require(_ hidden: Tensor, crossAttentionCaches: [KeyValueCache]) throws {
    if let hiddenSize = blocks.first?.hiddenSize ?? outputNorm?.featureCount {
      guard hidden.shape.rank == 2, hidden.shape[1] == hiddenSize else {
        throw AttentionError.shape(
          argument: "input", expected: "[token, \(hiddenSize)]", got: hidden.shape)
      }
    }
    guard crossAttentionCaches.isEmpty || crossAttentionCaches.count == blocks.count else {
      throw AttentionError.argument(
        "crossAttentionCaches",
        reason: "expected \(blocks.count), one per block, got \(crossAttentionCaches.count)")
    }
  }
}

/// The state that all blocks share while a batch passes through them.
struct TransformerPass {
  /// The number of tokens of each sequence.
  let lengths: [Int]
  /// The positions of the tokens.
  let positions: TokenPositions
  /// The requested results of each block's self-attention.
  let results: AttentionResults
  let observer = TransformerObservation.current
  var workspace = AttentionWorkspace()
  private var rotaryCaches: [RotaryCache] = []

  init(lengths: [Int], positions: TokenPositions, results: AttentionResults) {
    self.lengths = lengths
    self.positions = positions
    self.results = results
  }

  /// The cosines and sines for the tokens of this pass, computed for the first block that needs
  /// them.
  mutating func cosSin(_ rotary: RotaryEmbedding?) throws -> RotaryCache? {
    guard let rotary else { return nil }
    if let cosSin = rotaryCaches.first(where: { $0.embedding == rotary }) { return cosSin }
    let cosSin = try rotary.cosSin(
      tokenCount: lengths.reduce(0, +), positions: positions, lengths: lengths)
    rotaryCaches.append(cosSin)
    return cosSin
  }
}
