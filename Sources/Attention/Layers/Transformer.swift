/// Blocks one after the other, each over the output of the one before: an encoder, or a decoder.
///
/// Memory for what lies within a block is shared by all of them: once the first has run, none
/// allocates any more.
public struct Transformer: Sendable {
  /// The blocks, the first first.
  public let blocks: [TransformerBlock]
  /// Applied to the last block's output; nil for none.
  public let outputNorm: Norm?

  /// A transformer of the given blocks.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` with the first block whose width differs, or naming
  ///   "outputNorm".
  public init(blocks: [TransformerBlock], outputNorm: Norm? = nil) throws {
    let width = blocks.first?.width ?? outputNorm?.width
    for (index, block) in blocks.enumerated() where block.width != width {
      throw AttentionError.argument(
        "blocks[\(index)]",
        reason: "a width of \(block.width), where the first's is \(blocks[0].width)"
      )
    }
    if let outputNorm, outputNorm.width != width {
      throw AttentionError.argument(
        "outputNorm", reason: "a width of \(outputNorm.width), where the blocks' is \(width ?? 0)")
    }
    self.blocks = blocks
    self.outputNorm = outputNorm
  }

  /// What a transformer computed for a packed batch.
  public struct Result: Sendable {
    /// x after the last block, `[token, width]`.
    public var output: Tensor
    /// Of each block's self-attention what was asked for; their outputs are empty.
    public var layers: [AttentionResult]
  }

  /// The output for a packed batch, each sequence by itself, and the attention results that are asked for.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`, sequences end to end.
  ///   - lengths: the length of each; nil means one sequence.
  ///   - memories: for blocks with cross-attention, a memory each, from ``makeMemories(_:lengths:)``.
  ///   - results: what to return of each block's self-attention.
  /// - Returns: the output `[token, width]`, and for each block what was asked for.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the width differs;
  ///   ``AttentionError/argument(_:reason:)`` naming "lengths" or "memories"; and as
  ///   ``MultiHeadAttention`` does.
  public func callAsFunction(
    _ input: consuming Tensor, lengths: [Int]? = nil, memories: [KeyValueCache] = [],
    returning results: AttentionResults = []
  ) throws -> Result {
    var (hidden, workspace) = (input, Workspace())
    let layers = try apply(
      to: &hidden, lengths: lengths, memories: memories, returning: results, &workspace)
    return Result(output: hidden, layers: layers)
  }

  /// The output for tokens that go on from those in the caches, which take in their keys and values.
  ///
  /// - Parameters:
  ///   - input: x of the new tokens, `[token, width]`, sequences end to end.
  ///   - lengths: how many new tokens each sequence has; nil means the same number for each.
  ///   - caches: one a block, from ``makeCaches(sequenceCount:)``; as they were if an error is thrown.
  ///   - memories: for blocks with cross-attention, a memory each, from ``makeMemories(_:lengths:)``.
  /// - Returns: the output of the new tokens, `[token, width]`.
  /// - Throws: as without caches; ``AttentionError/argument(_:reason:)`` naming "caches" unless there is one
  ///   a block.
  public func callAsFunction(
    _ input: consuming Tensor, lengths: [Int]? = nil, caches: inout [KeyValueCache],
    memories: [KeyValueCache] = []
  ) throws -> Tensor {
    var hidden = input
    try require(hidden, memories: memories)
    guard !caches.isEmpty, caches.count == blocks.count else {
      throw AttentionError.argument(
        "caches", reason: "expected \(blocks.count), one a block, got \(caches.count)")
    }
    let before = caches[0].lengths
    guard caches.allSatisfy({ $0.lengths == before }) else {
      throw AttentionError.argument("caches", reason: "not all of the same lengths")
    }
    let lengths = try caches[0].stepLengths(lengths, total: hidden.shape[0], of: "input")
    var pass = TransformerPass(lengths: lengths, positions: .offsets(before), results: [])
    do {
      // A block is read where it lies: to copy one is to count dozens of references.
      for index in blocks.indices {
        _ = try blocks[index].apply(
          to: &hidden, &pass, memory: memories.isEmpty ? nil : memories[index]
        ) { queries, keys, values, options, results, output in
          try caches[index].append(keys: keys, values: values, lengths: lengths) {
            try $0.result(queries: queries, options: options, returning: results, output: output)
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
  /// Where a block's mask is a window that ends at the query, its cache keeps no more than that.
  ///
  /// - Throws: as ``MultiHeadAttention/makeCache(sequenceCount:policy:)``.
  public func makeCaches(sequenceCount: Int) throws -> [KeyValueCache] {
    try blocks.map {
      try $0.attention.makeCache(
        sequenceCount: sequenceCount,
        policy: $0.options.mask.reach.map { .rotating(window: $0) } ?? .growing)
    }
  }

  /// For each block with cross-attention, the memory's keys and values: projected once for all steps.
  ///
  /// - Parameters:
  ///   - memory: m, `[memory token, memory width]`, sequences end to end.
  ///   - lengths: the length of each; nil means one sequence.
  /// - Throws: as ``MultiHeadAttention/makeMemoryCache(_:values:lengths:positions:)``.
  public func makeMemories(_ memory: Tensor, lengths: [Int]? = nil) throws -> [KeyValueCache] {
    try blocks.compactMap { try $0.crossAttention?.makeMemoryCache(memory, lengths: lengths) }
  }

  /// Memory that calls with one workspace share.
  package struct Workspace {
    fileprivate var attention = AttentionWorkspace()

    package init() {}
  }

  /// The output in place of the input.
  ///
  /// - Returns: for each block what was asked for beside the output.
  package func apply(
    to hidden: inout Tensor, lengths: [Int]?, memories: [KeyValueCache] = [],
    returning results: AttentionResults = [], _ workspace: inout Workspace
  ) throws -> [AttentionResult] {
    try require(hidden, memories: memories)
    var pass = TransformerPass(
      lengths: lengths ?? [hidden.shape[0]], positions: .fromStart, results: results)
    swap(&pass.workspace, &workspace.attention)
    defer { swap(&pass.workspace, &workspace.attention) }
    let layers = try blocks.enumerated().map { index, block in
      try block.apply(
        to: &hidden, &pass, memory: memories.isEmpty ? nil : memories[index],
        attend: MultiHeadAttention.attend)
    }
    try outputNorm?.apply(to: &hidden)
    return layers
  }

  private func require(_ hidden: Tensor, memories: [KeyValueCache]) throws {
    if let width = blocks.first?.width ?? outputNorm?.width {
      guard hidden.shape.rank == 2, hidden.shape[1] == width else {
        throw AttentionError.shape(
          argument: "input", expected: "[token, \(width)]", got: hidden.shape)
      }
    }
    guard memories.isEmpty || memories.count == blocks.count else {
      throw AttentionError.argument(
        "memories", reason: "expected \(blocks.count), one a block, got \(memories.count)")
    }
  }
}

/// One pass of a batch through all blocks: what they share.
struct TransformerPass {
  /// How many tokens each sequence has.
  let lengths: [Int]
  /// Where they stand.
  let positions: TokenPositions
  /// What is wanted of each block's self-attention.
  let results: AttentionResults
  var workspace = AttentionWorkspace()
  private var tables: [RotaryTable] = []

  init(lengths: [Int], positions: TokenPositions, results: AttentionResults) {
    self.lengths = lengths
    self.positions = positions
    self.results = results
  }

  /// The cosines and sines for this pass's tokens, made for the first block that needs them.
  mutating func table(_ rotary: RotaryEmbedding?) throws -> RotaryTable? {
    guard let rotary else { return nil }
    if let table = tables.first(where: { $0.embedding == rotary }) { return table }
    let table = try rotary.table(
      tokenCount: lengths.reduce(0, +), positions: positions, lengths: lengths)
    tables.append(table)
    return table
  }
}
