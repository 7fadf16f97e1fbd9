extension MultiHeadAttention {
  /// Computes attention. The function takes `memory` for the attention output, so that the output is
  /// its only owner and can be written in place.
  typealias Attend = (
    AttentionHeads, AttentionOptions, AttentionResults, _ memory: inout Tensor?
  ) throws -> AttentionResult

  /// Attention of `heads` to themselves, without a cache.
  static func attend(
    _ heads: AttentionHeads, options: AttentionOptions, results: AttentionResults,
    memory: inout Tensor?
  ) throws -> AttentionResult {
    try AttentionProblem(
      queries: heads.queries, keys: heads.keys, values: heads.values, options: options
    ).result(returning: results, on: nil, output: memory.take())
  }

  /// The layer without its output projection. Stores the attention output in the workspace.
  ///
  /// - Parameters:
  ///   - input: x, `[token, hidden size]`; the hidden size must match the layer.
  ///   - norm: applied to x first; nil for none.
  ///   - projections: all in self-attention; only Q in cross-attention.
  ///   - cosSin: cosines and sines that rotate queries and keys; nil for none.
  ///   - attend: computes attention, with or without a cache.
  /// - Returns: the requested results without the output.
  func attendHeads(
    _ input: Tensor, norm: Norm?, projecting projections: HeadProjections, cosSin: RotaryCache?,
    options: AttentionOptions, returning results: AttentionResults,
    _ workspace: inout AttentionWorkspace, attend: Attend
  ) throws -> AttentionResult {
    var heads = try heads(of: input, norm: norm, projections, &workspace)
    try cosSin?.apply(to: &heads.queries)
    if projections.contains(.keys) {
      try cosSin?.apply(to: &heads.keys)
    } else {
      try refusePositions("cross-attention")
    }
    let options = try addingPositions(of: heads, to: options)
    var memory = workspace.attentionOutput.take()
    var result = try attentionOutput(
      queries: heads.queries, options: options, returning: results
    ) {
      try attend(heads, $0, $1, &memory)
    }
    workspace.queries = heads.queries
    if projections.contains(.keys) { workspace.keys = heads.keys }
    if projections.contains(.values) { workspace.values = heads.values }
    workspace.attentionOutput = result.output
    result.output = try Tensor(shape: [0], scalars: [])
    return result
  }
}
