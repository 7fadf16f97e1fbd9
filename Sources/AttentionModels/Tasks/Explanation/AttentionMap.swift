import Attention

/// The attention weights of the layers of an encoder, of a decoder, or from a decoder to an encoder, for one text:
/// softmax(scale · QKᵀ, masked).
public struct AttentionMap: Sendable {
  /// Which attention of a model.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The encoder's self-attention: every token attends to every token.
    case encoder
    /// The decoder's self-attention: a token attends to itself and to earlier tokens.
    case decoder
    /// Cross-attention: the decoder attends to the encoder's tokens while it chooses a token.
    case cross
  }

  /// Which attention this is.
  public let kind: Kind
  /// The tokens that attend: the rows of the weights.
  public let queries: TokenizedText
  /// The tokens that are attended to: the columns of the weights.
  public let keys: TokenizedText
  /// The weights of each layer, `[head, query token, key token]`; `[1, query token, key token]` if they were averaged
  /// over the heads.
  public internal(set) var layers: [Tensor]
  /// Q, K and V of each layer, if requested.
  package internal(set) var steps: [AttentionSteps] = []
  /// Whether a token attends only to itself and to earlier tokens.
  public internal(set) var isCausal = false

  /// The number of heads of a layer.
  public var headCount: Int { layers.first?.shape[0] ?? 0 }

  init(kind: Kind, queries: TokenizedText, keys: TokenizedText, layers: [Tensor] = []) {
    self.kind = kind
    self.queries = queries
    self.keys = keys
    self.layers = layers
  }

  /// The attention of one head from one word to another.
  public struct Link: Sendable, Hashable {
    /// The layer, from 0.
    public let layer: Int
    /// The head in the layer, from 0.
    public let head: Int
    /// The tokens of the word whose queries attend.
    public let source: Range<Int>
    /// The tokens of the word whose keys are attended to.
    public let target: Range<Int>
    /// The fraction of the source's attention on the target, from 0 to 1.
    public let weight: Float
  }

  /// For each head, the link to the word with the strongest attention from `source`; the strongest link first.
  ///
  /// Attention to a word is the sum over its pieces; attention from a word is the mean over its pieces.
  /// Special tokens and, in self-attention, the word itself are excluded: many heads attend to them by default. Words
  /// that a causal mask hides are excluded, too.
  ///
  /// - Parameters:
  ///   - source: the tokens of a word: one of the words of ``queries``.
  ///   - gap: in self-attention, the minimum number of words between `source` and the other word. Some heads attend
  ///     only to neighbors.
  /// - Returns: at most one link per head, by descending weight.
  /// - Throws: `AttentionError.argument` for tokens that do not exist.
  /// - Source: Clark, Khandelwal, Levy & Manning 2019, section 4.1 for words of several pieces.
  /// - Complexity: O(layers · heads · tokens).
  public func strongestLinks(
    from source: Range<Int>, acrossAtLeast gap: Int = 0
  ) throws -> [Link] {
    let words = keys.words
    let place = words.firstIndex(of: source) ?? 0
    let targets = words.indices
      .filter {
        (kind == .cross || abs($0 - place) > gap && (!isCausal || $0 < place))
          && !keys.isSpecial[words[$0].lowerBound]
      }
      .map { words[$0] }
    var links: [Link] = []
    for (layer, weights) in layers.enumerated() {
      for head in 0..<weights.shape[0] {
        var strongest: Link?
        for target in targets {
          let weight = try attention(layer: layer, head: head, from: source, to: target)
          if weight > strongest?.weight ?? -1 {
            strongest = Link(
              layer: layer, head: head, source: source, target: target, weight: weight)
          }
        }
        if let strongest { links.append(strongest) }
      }
    }
    return links.stablySorted(by: \.weight, >)
  }

  /// The attention of one head from one word to another, summed over the tokens of the target and
  /// averaged over the tokens of the source: Σᵢ Σⱼ w[layer][head, i, j] / |source|.
  ///
  /// - Parameters:
  ///   - layer: the layer, from 0.
  ///   - head: the head in the layer, from 0.
  ///   - source: the tokens i of the word whose queries attend.
  ///   - target: the tokens j of the word whose keys are attended to.
  /// - Throws: `AttentionError.argument` for a layer, head or token that does not exist.
  /// - Source: Clark, Khandelwal, Levy & Manning 2019, section 4.1.
  public func attention(
    layer: Int, head: Int, from source: Range<Int>, to target: Range<Int>
  ) throws -> Float {
    try requireHead(head, ofLayer: layer)
    let shape = layers[layer].shape
    for (name, word, count) in [("source", source, shape[1]), ("target", target, shape[2])] {
      guard word.lowerBound >= 0, word.upperBound <= count else {
        throw AttentionError.argument(name, reason: "\(word) is out of range for \(count) tokens")
      }
    }
    return layers[layer].attention(matrix: head, from: source, to: target)
  }

  /// The weights of one head, or their mean over the heads of a layer, `[query token, key token]`.
  ///
  /// - Parameters:
  ///   - layer: the layer, from 0.
  ///   - head: the head in the layer, from 0; nil for the mean.
  /// - Throws: `AttentionError.argument` for a layer or head that does not exist.
  public func weights(layer: Int, head: Int? = nil) throws -> Tensor {
    try requireHead(head ?? 0, ofLayer: layer)
    let all = layers[layer]
    guard let head else { return try all.meanOverHeads() }
    return try all.rows(head..<head + 1).reshaped(to: [all.shape[1], all.shape[2]])
  }

  func requireHead(_ head: Int, ofLayer layer: Int) throws {
    guard layers.indices.contains(layer) else {
      throw AttentionError.argument(
        "layer", reason: "\(layer) is out of range for \(layers.count) layers, counted from 0")
    }
    let count = layers[layer].shape[0]
    guard (0..<count).contains(head) else {
      throw AttentionError.argument(
        "head", reason: "\(head) is out of range for \(count) heads, counted from 0")
    }
  }
}

extension Tensor {
  /// The weights of `[…, query, key]` from some queries to some keys, which exist: the sum over the keys, and the mean
  /// over the queries.
  ///
  /// - Parameter matrix: the index of the matrix of weights.
  func attention(matrix: Int = 0, from source: Range<Int>, to target: Range<Int>) -> Float {
    let (Q, K) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let sum = withSpan { weights in
      var sum: Float = 0
      for query in source {
        let row = (matrix * Q + query) * K
        for key in target { sum += weights[row + key] }
      }
      return sum
    }
    return sum / Float(max(source.count, 1))
  }
}

/// The numbers from which the weights of a layer are computed.
package struct AttentionSteps: Sendable {
  /// Q after norms and the rotary embedding, `[query token, head, dk]`.
  package let queries: Tensor
  /// K after norms and the rotary embedding, `[key token, key-value head, dk]`.
  package let keys: Tensor
  /// V, `[key token, key-value head, dv]`.
  package let values: Tensor
  /// The factor of QKᵀ.
  package let scale: Float
  /// c of the softcap c · tanh(s / c); nil for none.
  package let softcap: Float?
  /// log Σ exp(s), `[head, query token]`.
  package let logSumExp: Tensor
}
