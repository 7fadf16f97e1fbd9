/// Dropout of attention weights: sets a random share of the weights to 0 and scales the others:
/// w ← 0, or w / (1 − rate).
///
/// Which weights are dropped depends only on the seed and on the weight's head, sequence, query and
/// key. The gradients and the decoding steps with a cache therefore drop the same weights, for any
/// tile size and number of threads.
///
/// - Source: Srivastava et al. 2014; on attention weights, as BERT's `attention_probs_dropout_prob`
///   (Devlin et al. 2018).
public struct AttentionDropout: Sendable, Hashable {
  /// The probability that a weight is dropped, from 0 to 1; at 1, all weights are dropped.
  public let rate: Float
  /// The random seed. Calls with the same seed drop the same weights.
  public let seed: UInt64

  /// Dropout of the given rate.
  ///
  /// - Parameters:
  ///   - rate: the probability that a weight is dropped, from 0 to 1.
  ///   - seed: any number; the same seed drops the same weights.
  /// - Throws: ``AttentionError/argument(_:reason:)`` naming "dropout" for a rate outside of 0...1.
  public init(rate: Float, seed: UInt64) throws {
    guard (0...1).contains(rate) else {
      throw AttentionError.argument("dropout", reason: "expected a rate in 0...1, got \(rate)")
    }
    self.rate = rate
    self.seed = seed
  }

  /// The factor of a weight: 0, or 1 / (1 − rate).
  ///
  /// - Parameters:
  ///   - head: the query's head.
  ///   - sequence: the index of the packed sequence.
  ///   - query: the index of the query within its sequence.
  ///   - key: the index of the key within its sequence.
  public func factor(head: Int, sequence: Int, query: Int, key: Int) -> Float {
    guard rate < 1 else { return 0 }
    var bits = seed &+ UInt64(truncatingIfNeeded: head) &* 0x9E37_79B9_7F4A_7C15
    bits &+= UInt64(truncatingIfNeeded: sequence) &* 0xA24B_AED4_963E_E407
    bits = SplitMix64.mix(bits &+ UInt64(truncatingIfNeeded: query) &* 0xD1B5_4A32_D192_ED03)
    bits = SplitMix64.mix(bits &+ UInt64(truncatingIfNeeded: key) &* 0x8CB9_2BA7_2F3D_8DD7)
    return Float(bits >> 40) * 0x1p-24 < rate ? 0 : 1 / (1 - rate)
  }

  /// Multiplies the weights of a tile by their factors.
  func apply(to tile: ScoreTile) {
    for query in tile.queries {
      let row = tile.row(of: query)
      for index in row.indices {
        row[index] *= factor(
          head: tile.head, sequence: tile.sequence, query: tile.queryOffset + query,
          key: tile.keyOffset + tile.keys.lowerBound + index)
      }
    }
  }
}
