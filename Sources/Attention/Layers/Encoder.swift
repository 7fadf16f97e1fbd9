/// Blocks one after the other, each over the output of the one before.
///
/// Memory for what lies within a block is shared by all of them: once the first has run, none
/// allocates any more.
public struct Encoder: Sendable {
  /// The blocks, the first first.
  public let blocks: [EncoderBlock]

  /// An encoder of the given blocks.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` with the first block whose width differs.
  public init(blocks: [EncoderBlock]) throws {
    for (index, block) in blocks.enumerated() where block.width != blocks[0].width {
      throw AttentionError.argument(
        "blocks[\(index)]",
        reason: "a width of \(block.width), where the first's is \(blocks[0].width)"
      )
    }
    self.blocks = blocks
  }

  /// What an encoder computed for a packed batch.
  public struct Result: Sendable {
    /// x after the last block, `[token, width]`.
    public var output: Tensor
    /// Of each block's attention what was asked for; their outputs are empty.
    public var layers: [AttentionResult]
  }

  /// The last block's output for a packed batch, and the attention results that are asked for.
  ///
  /// - Parameters:
  ///   - input: x, `[token, width]`.
  ///   - options: mask and sequence lengths, for every block's attention.
  ///   - results: what to return of each block's attention.
  /// - Returns: the output `[token, width]`, and for each block what was asked for.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the width differs, and as
  ///   ``MultiHeadAttention`` does.
  public func callAsFunction(
    _ input: consuming Tensor, options: AttentionOptions = AttentionOptions(),
    returning results: AttentionResults = []
  ) throws -> Result {
    var (hidden, workspace) = (input, Workspace())
    let layers = try apply(to: &hidden, options: options, returning: results, &workspace)
    return Result(output: hidden, layers: layers)
  }

  /// Memory that calls with one workspace share.
  package struct Workspace {
    fileprivate var attention = AttentionWorkspace()

    package init() {}
  }

  /// The last block's output in place of the input.
  ///
  /// - Returns: for each block what was asked for beside the output.
  package func apply(
    to hidden: inout Tensor, options: AttentionOptions, returning results: AttentionResults,
    _ workspace: inout Workspace
  ) throws -> [AttentionResult] {
    if let width = blocks.first?.width {
      guard hidden.shape.rank == 2, hidden.shape[1] == width else {
        throw AttentionError.shape(
          argument: "input", expected: "[token, \(width)]", got: hidden.shape)
      }
    }
    return try blocks.map {
      try $0.apply(to: &hidden, options: options, returning: results, &workspace.attention)
    }
  }
}
