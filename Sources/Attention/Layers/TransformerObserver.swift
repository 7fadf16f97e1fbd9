/// Receives what the blocks of transformers compute, in their order: for explanations of a model.
///
/// The blocks of every model are `TransformerBlock`s, so an observer sees every family the same way. Without an
/// observer, a pass looks for one once.
package protocol TransformerObserver: Sendable {
  /// Called before the first block of a transformer, with x, `[token, hidden size]`.
  func begin(_ hidden: Tensor) throws

  /// Called after the attention of a block.
  func attended(_ attention: ObservedAttention) throws

  /// Called after a block, with its output, `[token, hidden size]`.
  func finishedBlock(_ hidden: Tensor) throws

  /// Called after the last block of a decoder.
  ///
  /// - Parameter logits: computes the logits `[token, id]` from the output of a block.
  func finishedDecoder(logits: (Tensor) throws -> Tensor) throws
}

/// Attention as a block computed it.
package struct ObservedAttention: Sendable {
  /// Whether the keys come from an encoder output.
  package let isCross: Bool
  /// Q after norms and the rotary embedding, `[query token, head, dk]`.
  package let queries: Tensor
  /// K after norms and the rotary embedding, `[key token, key-value head, dk]`.
  package let keys: Tensor
  /// V, `[key token, key-value head, dv]`.
  package let values: Tensor
  /// The factor of QKᵀ.
  package let scale: Float
  /// c of the softcap; nil for none.
  package let softcap: Float?
  /// Whether a query attends only to keys up to its position.
  package let isCausal: Bool
  /// P, `[head, query token, key token]`.
  package let weights: Tensor
  /// log Σ exp(s), `[head, query token]`.
  package let logSumExp: Tensor
}

/// Runs `body` with an observer of all transformers that it computes on this thread.
package func withObserver<Result>(
  _ observer: some TransformerObserver, _ body: () throws -> Result
) rethrows -> Result {
  try TransformerObservation.$current.withValue(observer, operation: body)
}

/// The observer of the current scope.
package enum TransformerObservation {
  @TaskLocal package static var current: (any TransformerObserver)?

  /// Computes attention with the results that an observer needs, and passes them to the observer.
  ///
  /// - Parameters:
  ///   - heads: the queries; in self-attention, also the keys and values.
  ///   - cache: the keys and values of cross-attention.
  ///   - attend: computes attention with the given results.
  static func attend(
    _ observer: (any TransformerObserver)?, _ heads: AttentionHeads, cache: KeyValueCache? = nil,
    options: AttentionOptions, returning results: AttentionResults,
    _ attend: (AttentionResults) throws -> AttentionResult
  ) throws -> AttentionResult {
    guard let observer else { return try attend(results) }
    let result = try attend(results.union([.weights, .logSumExp]))
    let (keys, values) = try cache?.firstSequence() ?? (heads.keys, heads.values)
    guard let weights = result.weights, let logSumExp = result.logSumExp,
      weights.shape[2] == keys.shape[0]
    else {
      throw AttentionError.argument(
        "sequences", reason: "an observer needs one sequence from its first token")
    }
    try observer.attended(
      ObservedAttention(
        isCross: cache != nil, queries: heads.queries, keys: keys, values: values,
        scale: options.scale ?? 1 / Float(heads.queries.shape[2]).squareRoot(),
        softcap: options.softcap, isCausal: options.mask.isCausal, weights: weights,
        logSumExp: logSumExp))
    return result
  }
}

extension KeyValueCache {
  /// The kept keys and values of the first sequence.
  func firstSequence() throws -> (keys: Tensor, values: Tensor) {
    let region = regions[0]
    let rows = region.firstKeptRow..<region.firstKeptRow + region.kept.count
    return (try keys.rows(rows), try values.rows(rows))
  }
}
