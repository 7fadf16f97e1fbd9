import Attention

/// The attention weights of every head of every layer for one text.
public struct AttentionExplanation: Sendable {
  /// The text.
  public let text: String
  /// Its tokens, special tokens included.
  public let encoding: Encoding
  /// For each layer, `[head, query token, key token]`.
  public let layers: [Tensor]

  /// One head's attention from a word to another.
  public struct Link: Sendable, Hashable {
    /// The layer, from 0.
    public let layer: Int
    /// The head in the layer, from 0.
    public let head: Int
    /// The word that looks, as its tokens.
    public let source: Range<Int>
    /// The word that is looked at, as its tokens.
    public let target: Range<Int>
    /// The share of its attention that the one gives to the other.
    public let weight: Float
  }

  /// The words of the text, as runs of tokens: the pieces that a tokenizer cut a word into belong
  /// together, and a special token is a word of its own.
  public var words: [Range<Int>] {
    var words: [Range<Int>] = []
    for index in encoding.tokens.indices {
      // Pieces of a word follow each other without a gap and are marked by ##.
      if let last = words.last, !encoding.isSpecial[index],
        encoding.tokens[index].utf8.starts(with: "##".utf8),
        encoding.offsets[last.upperBound - 1].upperBound == encoding.offsets[index].lowerBound
      {
        words[words.count - 1] = last.lowerBound..<index + 1
      } else {
        words.append(index..<index + 1)
      }
    }
    return words
  }

  /// What the tokens of a word spell: `##` is left out.
  public func spelling(of word: Range<Int>) -> String {
    encoding.tokens[word].enumerated()
      .map { $0.offset == 0 ? $0.element : String($0.element.dropFirst(2)) }
      .joined()
  }

  /// Every place where `word` stands, with any case, or with any accents if the model drops them.
  public func occurrences(of word: String) -> [Range<Int>] {
    let scalars = Array(text.unicodeScalars)
    func original(_ word: Range<Int>) -> String {
      let start = encoding.offsets[word.lowerBound].lowerBound
      let end = encoding.offsets[word.upperBound - 1].upperBound
      var slice = String.UnicodeScalarView()
      slice.append(contentsOf: scalars[start..<end])
      return String(slice)
    }
    return words.filter {
      spelling(of: $0) == word || spelling(of: $0) == word.lowercased()
        || original($0).lowercased() == word.lowercased() && !encoding.isSpecial[$0.lowerBound]
    }
  }

  /// For each head, the other word that `source` looks at hardest, the hardest look first.
  ///
  /// Attention to a word is the sum over its pieces, attention from it their mean. Special tokens and
  /// the word itself are left out: many heads rest there when they have nothing to say.
  ///
  /// - Parameters:
  ///   - source: a word, as its tokens.
  ///   - gap: how many words at least lie between the two; some heads do nothing but look at the
  ///     neighbour.
  /// - Source: Clark, Khandelwal, Levy & Manning 2019, section 4.1 for words of several pieces.
  /// - Complexity: O(layers · heads · tokens).
  public func strongestLinks(
    from source: Range<Int>, acrossAtLeast gap: Int = 0
  ) throws -> [Link] {
    let words = words
    let place = words.firstIndex(of: source) ?? 0
    let targets = words.indices
      .filter { abs($0 - place) > gap && !encoding.isSpecial[words[$0].lowerBound] }
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
    return links.sorted { $0.weight > $1.weight }
  }

  /// One head's attention from a word to a word: summed over the target's pieces, averaged over the
  /// source's.
  ///
  /// - Throws: `AttentionError.argument` for a layer, head or token that does not exist.
  public func attention(
    layer: Int, head: Int, from source: Range<Int>, to target: Range<Int>
  ) throws -> Float {
    guard layers.indices.contains(layer) else {
      throw AttentionError.argument(
        "layer", reason: "\(layer) is out of range for \(layers.count) layers, counted from 0")
    }
    var sum: Float = 0
    for query in source {
      for key in target { sum += try layers[layer][head, query, key] }
    }
    return sum / Float(max(source.count, 1))
  }
}
