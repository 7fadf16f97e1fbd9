import Attention

/// The attention weights of every head of every layer for one text: softmax(QKᵀ/√dk).
public struct AttentionExplanation: Sendable {
  /// The text.
  public let text: String
  /// The tokens of the text, including special tokens.
  public let encoding: Encoding
  /// The weights of each layer, `[head, query token, key token]`.
  public let layers: [Tensor]

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

  /// The words of the text, as ranges of tokens: the pieces of a word form one range, and each special
  /// token is a word.
  public var words: [Range<Int>] {
    let scalars = Array(text.unicodeScalars)
    // Whether two tokens may belong to one word: the text between them has no white space, only accents that
    // the tokenizer drops.
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

  /// The text of a word's tokens, without WordPiece's `##` at the start of the later tokens. Tokens that do
  /// not exist are ignored.
  public func spelling(of word: Range<Int>) -> String {
    Self.spelling(of: word, in: encoding.tokens)
  }

  private static func spelling(of word: Range<Int>, in tokens: [String]) -> String {
    tokens[word.clamped(to: tokens.indices)].enumerated().map { index, token in
      // By scalars: a combining mark after ## would form one character with the second #.
      index > 0 && continues(token) ? String(token.unicodeScalars.dropFirst(2)) : token
    }.joined()
  }

  /// Whether a token is the middle or the end of a word.
  private static func continues(_ token: String) -> Bool { token.utf8.starts(with: "##".utf8) }

  /// All occurrences of `word`, in any letter case, and with any accents if the model drops them.
  public func occurrences(of word: String) -> [Range<Int>] {
    let scalars = Array(text.unicodeScalars)
    func original(_ word: Range<Int>) -> String {
      let start = encoding.offsets[word.lowerBound].lowerBound
      var end = encoding.offsets[word.upperBound - 1].upperBound
      // A combining accent that the tokenizer dropped belongs to the letter before it.
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

  /// For each head, the link to the other word with the strongest attention from `source`; the strongest
  /// link first.
  ///
  /// Attention to a word is the sum over its pieces; attention from a word is the mean over its pieces.
  /// Special tokens and the word itself are excluded: many heads attend to them by default.
  ///
  /// - Parameters:
  ///   - source: the tokens of a word: one of ``words``.
  ///   - gap: the minimum number of words between `source` and the other word. Some heads attend only to
  ///     neighbors.
  /// - Returns: at most one link per head, by descending weight.
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
    guard layers.indices.contains(layer) else {
      throw AttentionError.argument(
        "layer", reason: "\(layer) is out of range for \(layers.count) layers, counted from 0")
    }
    let shape = layers[layer].shape
    guard (0..<shape[0]).contains(head) else {
      throw AttentionError.argument(
        "head", reason: "\(head) is out of range for \(shape[0]) heads, counted from 0")
    }
    for (name, word, count) in [("source", source, shape[1]), ("target", target, shape[2])] {
      guard word.lowerBound >= 0, word.upperBound <= count else {
        throw AttentionError.argument(name, reason: "\(word) is out of range for \(count) tokens")
      }
    }
    let sum = layers[layer].withSpan { weights in
      var sum: Float = 0
      for query in source {
        let row = (head * shape[1] + query) * shape[2]
        for key in target { sum += weights[row + key] }
      }
      return sum
    }
    return sum / Float(max(source.count, 1))
  }
}
