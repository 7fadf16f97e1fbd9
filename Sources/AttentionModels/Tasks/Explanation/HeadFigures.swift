import Attention
import Foundation

/// Numbers that help to choose a head: what kind of pattern its weights w have. Each is a mean over the query tokens.
package struct HeadFigures: Sendable, Hashable {
  /// −Σⱼ wᵢⱼ log₂ wᵢⱼ in bits: 0 if each token attends to one token, log₂(tokens) if to all alike.
  package var entropy: Float
  /// Σⱼ wᵢⱼ |i − j| in tokens; nil for cross-attention.
  package var distance: Float?
  /// Σ wᵢⱼ over the special tokens j.
  package var specialShare: Float
  /// The effective rank of the weights: the number of patterns that they combine; nil for many tokens.
  package var effectiveRank: Float?

  /// The largest number of tokens for the effective rank, which takes O(tokens³).
  private static let rankLimit = 128

  init(_ map: AttentionMap, layer: Int, head: Int) throws {
    let weights = try map.weights(layer: layer, head: head)
    let (Q, K) = (weights.shape[0], weights.shape[1])
    var (entropy, distance, special) = (0.0, 0.0, 0.0)
    weights.withSpan { weights in
      for i in 0..<Q {
        for j in 0..<K {
          let w = Double(weights[i * K + j])
          guard w > 0 else { continue }
          entropy -= w * log2(w)
          distance += w * Double(abs(i - j))
          if map.keys.isSpecial[j] { special += w }
        }
      }
    }
    let count = Double(max(Q, 1))
    self.entropy = Float(entropy / count)
    self.distance = map.kind == .cross ? nil : Float(distance / count)
    specialShare = Float(special / count)
    effectiveRank =
      max(Q, K) <= Self.rankLimit ? try weights.matrix().effectiveRank() : nil
  }
}
