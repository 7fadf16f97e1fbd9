/// A vocabulary: one row of features for each token id, and the same weights as the layer that turns
/// features into a score for each token.
///
///     x = scale · W[id]        logits = h Wᵀ
///
/// W is kept once, in the form in which ``output`` multiplies it, and in any ``WeightFormat``.
///
/// - Source: Press & Wolf 2017.
public struct TokenEmbedding: Sendable {
  /// The layer with the same weights, h Wᵀ: it shares their memory.
  public let output: Linear
  /// What the rows are multiplied by.
  public let scale: Float

  /// The number of tokens.
  public var count: Int { output.outputWidth }
  /// The number of features.
  public var width: Int { output.inputWidth }
  /// How W is kept.
  public var format: WeightFormat { output.format }
  /// How many bytes W takes as it is kept.
  public var byteCount: Int { output.byteCount }

  /// A vocabulary with the given rows.
  ///
  /// - Parameters:
  ///   - weight: W, `[token id, feature]`.
  ///   - format: how to keep it.
  ///   - scale: what the rows are multiplied by, a finite number.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` unless the rank is 2;
  ///   ``AttentionError/argument(_:reason:)`` naming "weight" for a number that the format cannot hold,
  ///   or "scale"; ``AttentionError/memory(byteCount:purpose:)``.
  public init(weight: Tensor, format: WeightFormat = .float32, scale: Float = 1) throws {
    try self.init(Linear(weight: weight, format: format), scale: scale)
  }

  /// The vocabulary whose rows are the weights of `layer`, without a copy; its bias is left out.
  ///
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming "scale" unless it is a finite number.
  public init(_ layer: Linear, scale: Float = 1) throws {
    guard scale.isFinite else {
      throw AttentionError.argument("scale", reason: "expected a finite number, got \(scale)")
    }
    output = Linear(sharing: layer.panels)
    self.scale = scale
  }

  /// The rows of `ids`.
  ///
  /// - Parameter ids: any number of token ids from 0 to ``count`` − 1, in any order.
  /// - Returns: x, `[token, feature]`.
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming "ids" with the first that is out of range;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public func callAsFunction(_ ids: [Int]) throws -> Tensor {
    if let outside = ids.first(where: { $0 < 0 || $0 >= count }) {
      throw AttentionError.argument(
        "ids", reason: "\(outside) is out of range for a vocabulary of \(count) tokens")
    }
    return try Tensor(shape: [ids.count, width]) { rows in
      guard let base = rows.baseAddress else { return }
      nonisolated(unsafe) let x = base
      // Neighbours in a row lie a cache line apart.
      try Workers.forEachRange(
        of: ids.count, least: 16, threads: Compute.current.threadCount
      ) { range in
        for index in range {
          output.panels.copyColumn(ids[index], times: scale, into: x + index * width)
        }
      }
    }
  }
}
