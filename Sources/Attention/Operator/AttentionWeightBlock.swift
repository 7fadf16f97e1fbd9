/// A block of attention weights: some queries of one head against all keys of their sequence.
public struct AttentionWeightBlock: Sendable {
  /// The queries' head.
  public let head: Int
  /// The rows' queries, counted over all packed sequences.
  public let queries: Range<Int>
  /// The columns' keys, counted over all packed sequences.
  public let keys: Range<Int>
  /// P of these queries and keys, `[query, key]`, after dropout. Without dropout, a row sums to 1,
  /// with a sink to less than 1, and without visible keys to 0.
  public let weights: Tensor
}

/// Calls `body` with the attention weights, one block of rows at a time, so that the memory is not
/// proportional to queries · keys.
///
/// The blocks are ordered by sequence, then by queries, then by head. Together they are the weights
/// softmax(scale · QKᵀ, masked) of ``AttentionResults/weights``, up to rounding.
///
/// ```swift
/// try forEachAttentionWeightBlock(queries: q, keys: k, options: options) { block in
///   for row in 0..<block.queries.count { … }
/// }
/// ```
///
/// - Parameters:
///   - queries: `[query token, head, dk]`.
///   - keys: `[key token, key-value head, dk]`.
///   - options: as for the operator.
///   - backend: the compute backend; nil means the backend of the current scope.
///   - body: receives each block. An error ends the loop.
/// - Throws: as ``attention(queries:keys:values:options:returning:on:)``; rethrows errors of `body`.
/// - Complexity: O(queries · keys · dk) time per head; memory for a few million weights, or for one
///   row of each head if that is more.
public func forEachAttentionWeightBlock(
  queries: Tensor, keys: Tensor, options: AttentionOptions = AttentionOptions(),
  on backend: Backend? = nil, _ body: (AttentionWeightBlock) throws -> Void
) throws {
  // The weights do not depend on the values, so the keys are passed as values.
  let problem = try AttentionProblem(
    queries: queries, keys: keys, values: keys, options: options)
  let compute = try Compute.adjusted(backend: backend, threads: nil)
  try WeightBlocks(
    problem, kernels: compute.backend.kernels, threads: compute.threadCount
  ).forEach(body)
}
