/// A vocabulary: the embedding of each token id, and the output layer with the same weights that
/// computes logits.
///
///     x = scale · W[id]        logits = h Wᵀ
///
/// W is stored once, in the layout of ``output`` and in any ``WeightFormat``.
///
/// - Source: Press & Wolf 2017.
public struct TokenEmbedding: Sendable {
  /// The output layer h Wᵀ, which shares the memory of W.
  public let output: Linear
  /// The factor of the embeddings.
  public let scale: Float

  /// The number of tokens in the vocabulary.
  public var count: Int { output.outputSize }
  /// The number of features.
  public var hiddenSize: Int { output.inputSize }
  /// The format of W in memory.
  public var format: WeightFormat { output.format }
  /// The size of W in memory, in bytes.
  public var byteCount: Int { output.byteCount }

  /// A vocabulary with the given rows.
  ///
  /// - Parameters:
  ///   - weight: W, `[token id, feature]`.
  ///   - format: the format of W in memory.
  ///   - scale: the factor of the embeddings, a finite number.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the rank is not 2;
  ///   ``AttentionError/argument(_:reason:)`` naming "weight" for a number beyond the range of the
  ///   format, or "scale"; ``AttentionError/memory(byteCount:purpose:)``.
  public init(weight: Tensor, format: WeightFormat = .float32, scale: Float = 1) throws {
    try self.init(Linear(weight: weight, format: format), scale: scale)
  }

  /// A vocabulary with the weights of `layer` as its rows, without a copy. The bias is ignored.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming "scale" if it is not finite.
  public init(_ layer: Linear, scale: Float = 1) throws {
    guard scale.isFinite else {
      throw AttentionError.argument("scale", reason: "expected a finite number, got \(scale)")
    }
    output = Linear(sharing: layer.panels)
    self.scale = scale
  }

  /// The embeddings of `ids`.
  ///
  /// - Parameter ids: any number of token ids from 0 to ``count`` − 1, in any order.
  /// - Returns: x, `[token, feature]`.
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming "ids" with the first id that is out of
  ///   range; ``AttentionError/memory(byteCount:purpose:)``.
  public func callAsFunction(_ ids: [Int]) throws -> Tensor {
    if let outside = ids.first(where: { $0 < 0 || $0 >= count }) {
      throw AttentionError.argument(
        "ids", reason: "\(outside) is out of range for a vocabulary of \(count) tokens")
    }
    return try Tensor(shape: [ids.count, hiddenSize]) { rows in
      guard let base = rows.baseAddress else { return }
      nonisolated(unsafe) let x = base
      // In the panels, consecutive features of a token are 32 weights apart.
      try Workers.forEachRange(
        of: ids.count, least: 16, threads: Compute.current.threadCount
      ) { range in
        for index in range {
          output.panels.copyColumn(ids[index], times: scale, into: x + index * hiddenSize)
        }
      }
    }
  }
}
