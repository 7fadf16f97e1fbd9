import Attention

/// The attention weights of every head of every layer for one text: softmax(QKᵀ/√dk).
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
    let scalars = Array(text.unicodeScalars)
    // Whether nothing lies between two tokens but what the tokenizer drops, such as accents.
    func meet(_ left: Int, _ right: Int) -> Bool {
      let end = encoding.offsets[left].upperBound
      let start = max(end, encoding.offsets[right].lowerBound)  // pieces of one scalar overlap
      return !scalars[end..<start].contains { $0.properties.isWhitespace }
    }
    var words: [Range<Int>] = []
    for (index, token) in encoding.tokens.enumerated() {
      if let last = words.last, Self.continues(token), !encoding.isSpecial[index],
        !encoding.isSpecial[last.lowerBound], meet(last.upperBound - 1, index)
      {
        words[words.count - 1] = last.lowerBound..<index + 1
      } else {
        words.append(index..<index + 1)
      }
    }
    return words
  }

  /// What the tokens of a word spell: the `##` of all but the first is left out, and so are tokens
  /// that do not exist.
  public func spelling(of word: Range<Int>) -> String {
    Self.spelling(of: word, in: encoding.tokens)
  }

  private static func spelling(of word: Range<Int>, in tokens: [String]) -> String {
    tokens[word.clamped(to: tokens.indices)].enumerated().map { index, token in
      // By scalars: a mark after ## would make one character with the second #.
      index > 0 && continues(token) ? String(token.unicodeScalars.dropFirst(2)) : token
    }.joined()
  }

  /// Whether a token stands for the middle or the end of a word.
  private static func continues(_ token: String) -> Bool { token.utf8.starts(with: "##".utf8) }

  /// Every place where `word` stands, with any case, or with any accents if the model drops them.
  public func occurrences(of word: String) -> [Range<Int>] {
    let scalars = Array(text.unicodeScalars)
    func original(_ word: Range<Int>) -> String {
      let start = encoding.offsets[word.lowerBound].lowerBound
      var end = encoding.offsets[word.upperBound - 1].upperBound
      // An accent of its own that the tokenizer dropped belongs to the letter before it.
      while end < scalars.count, scalars[end].properties.generalCategory == .nonspacingMark {
        end += 1
      }
      var slice = String.UnicodeScalarView()
      slice.append(contentsOf: scalars[start..<end])
      return String(slice)
    }
    let tokens = encoding.tokens
    return words.filter {
      let spelling = Self.spelling(of: $0, in: tokens)
      return spelling == word || spelling == word.lowercased()
        || original($0).lowercased() == word.lowercased() && !encoding.isSpecial[$0.lowerBound]
    }
  }

  /// For each head, the other word that `source` looks at hardest, the hardest look first.
  ///
  /// Attention to a word is the sum over its pieces, attention from it their mean. Special tokens and
  /// the word itself are left out: many heads rest there when they have nothing to say.
  ///
  /// - Parameters:
  ///   - source: a word, as its tokens: one of ``words``.
  ///   - gap: how many words at least lie between the two; some heads do nothing but look at the
  ///     neighbour.
  /// - Returns: at most one link a head, by descending weight.
  /// - Throws: `AttentionError.argument` for tokens that do not exist.
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

  /// One head's attention from a word to a word, summed over the target's pieces and averaged over
  /// the source's: Σᵢ Σⱼ w[layer][head, i, j] / |source|.
  ///
  /// - Parameters:
  ///   - layer: the layer, from 0.
  ///   - head: the head in the layer, from 0.
  ///   - source: the word that looks, as its tokens i.
  ///   - target: the word that is looked at, as its tokens j.
  /// - Throws: `AttentionError.argument` for a layer, head or token that does not exist.
  /// - Source: Clark, Khandelwal, Levy & Manning 2019, section 4.1.
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
