import Attention

/// The tokens and the words of a text, or of a pair of texts, that a model reads or generates.
public struct TokenizedText: Sendable {
  /// The text, or the two texts of a pair.
  public let texts: [String]
  /// The id of each token.
  public let ids: [Int]
  /// Each token as the vocabulary spells it, such as `##ing`, `▁the` or `[CLS]`.
  public let tokens: [String]
  /// The range of each token in its text, in Unicode scalars; empty for a token that is not in a text.
  public let offsets: [Range<Int>]
  /// Whether the tokenizer or the model added the token, such as `[CLS]`.
  public let isSpecial: [Bool]
  /// The index of each token's text in ``texts``; nil for a token that is not in a text.
  public let textIndices: [Int?]
  /// The words as ranges of tokens, in order: the pieces of a word form one range, and each special token is a
  /// word.
  public let words: [Range<Int>]

  /// Whether the later tokens of a word begin with `##`.
  private let marksContinuingPieces: Bool
  private let scalars: [[Unicode.Scalar]]

  /// The number of tokens.
  public var count: Int { ids.count }

  /// - Parameters:
  ///   - encoding: the tokens of the texts.
  ///   - firstCount: the number of tokens of the first text of a pair.
  init(_ texts: [String], _ encoding: Encoding, firstCount: Int, tokenizer: Tokenizer) {
    var seen = 0
    let textIndices = encoding.isSpecial.map { isSpecial -> Int? in
      guard !isSpecial else { return nil }
      seen += 1
      return texts.count > 1 && seen > firstCount ? 1 : 0
    }
    self.init(
      texts, ids: encoding.ids, tokens: encoding.tokens, offsets: encoding.offsets,
      isSpecial: encoding.isSpecial, textIndices: textIndices, tokenizer: tokenizer)
  }

  /// Tokens that a model generated, after start tokens.
  init(generated ids: some Sequence<Int>, startCount: Int, tokenizer: Tokenizer) {
    let ids = Array(ids)
    // The text of each token is what it adds to the decoded text.
    var (text, offsets, isSpecial) = ("", [Range<Int>](), [Bool]())
    for index in ids.indices {
      let start = text.unicodeScalars.count
      text = tokenizer.decode(Array(ids[...index].dropFirst(startCount)))
      offsets.append(start..<max(start, text.unicodeScalars.count))
      isSpecial.append(index < startCount || start == text.unicodeScalars.count)
    }
    self.init(
      [text], ids: ids, tokens: ids.map { tokenizer.decode([$0], skippingSpecialTokens: false) },
      offsets: offsets, isSpecial: isSpecial, textIndices: isSpecial.map { $0 ? nil : 0 },
      tokenizer: tokenizer)
  }

  private init(
    _ texts: [String], ids: [Int], tokens: [String], offsets: [Range<Int>], isSpecial: [Bool],
    textIndices: [Int?], tokenizer: Tokenizer
  ) {
    self.texts = texts
    self.ids = ids
    self.tokens = tokens
    self.offsets = offsets
    self.isSpecial = isSpecial
    self.textIndices = textIndices
    scalars = texts.map { Array($0.unicodeScalars) }
    marksContinuingPieces = tokenizer.marksContinuingPieces
    words = Self.words(
      tokens: tokens, offsets: offsets, textIndices: textIndices, scalars: scalars,
      marksContinuingPieces: marksContinuingPieces)
  }

  private static func words(
    tokens: [String], offsets: [Range<Int>], textIndices: [Int?], scalars: [[Unicode.Scalar]],
    marksContinuingPieces: Bool
  ) -> [Range<Int>] {
    /// Whether a token continues the word of the previous one: there is no white space between them, and both are
    /// letters or digits where they meet, or the vocabulary marks the token.
    func continues(_ index: Int) -> Bool {
      guard let text = textIndices[index], textIndices[index - 1] == text else { return false }
      let (left, right) = (offsets[index - 1], offsets[index])
      let scalars = scalars[text]
      let start = max(left.upperBound, right.lowerBound)  // pieces of one scalar overlap
      guard !scalars[left.upperBound..<start].contains(where: { $0.properties.isWhitespace })
      else { return false }
      if marksContinuingPieces { return isContinuing(tokens[index]) }
      guard right.lowerBound >= left.upperBound else { return true }
      guard let before = scalars[left].last, let after = scalars[right].first else { return true }
      return before.isInWord && after.isInWord
    }
    var words: [Range<Int>] = []
    for index in tokens.indices {
      if let last = words.last, continues(index) {
        words[words.count - 1] = last.lowerBound..<index + 1
      } else {
        words.append(index..<index + 1)
      }
    }
    return words
  }

  /// Whether a token is marked as the middle or the end of a word.
  private static func isContinuing(_ token: String) -> Bool { token.utf8.starts(with: "##".utf8) }

  /// The text of a word's tokens: as the vocabulary spells them, without `##`, if it marks the pieces of words
  /// so; else as in the text. Tokens that do not exist are ignored.
  public func spelling(of word: Range<Int>) -> String {
    let word = word.clamped(to: tokens.indices)
    guard !marksContinuingPieces else {
      return word.map { index in
        // By scalars: a combining mark after ## would form one character with the second #.
        index > word.lowerBound && Self.isContinuing(tokens[index])
          ? String(tokens[index].unicodeScalars.dropFirst(2)) : tokens[index]
      }.joined()
    }
    // Not token by token: several tokens may be bytes of one scalar.
    let original = original(word)
    return (original.isEmpty ? tokens[word].joined() : original).trimming(while: \.isWhitespace)
  }

  /// The part of a text that a word's tokens cover; empty for tokens that are not in a text.
  package func original(_ word: Range<Int>) -> String {
    guard let first = word.first, let text = textIndices[first] else { return "" }
    let start = offsets[word.lowerBound].lowerBound
    var end = max(start, offsets[word.upperBound - 1].upperBound)
    // A combining accent that the tokenizer dropped belongs to the letter before it.
    while end < scalars[text].count,
      scalars[text][end].properties.generalCategory == .nonspacingMark
    { end += 1 }
    return String(String.UnicodeScalarView(scalars[text][start..<end]))
  }

  /// All occurrences of `word`, in any letter case, and with any accents if the model drops them.
  public func occurrences(of word: String) -> [Range<Int>] {
    guard !word.isEmpty else { return [] }
    return words.filter {
      let spelling = spelling(of: $0)
      return spelling == word || spelling == word.lowercased()
        || original($0).trimming(while: \.isWhitespace).lowercased() == word.lowercased()
          && !isSpecial[$0.lowerBound]
    }
  }
}

extension Unicode.Scalar {
  /// Whether the scalar is a letter, a digit or a mark of a word.
  fileprivate var isInWord: Bool {
    properties.isAlphabetic || properties.numericType != nil
      || properties.generalCategory == .nonspacingMark || self == "_"
  }
}

extension String {
  fileprivate func trimming(while isDropped: (Character) -> Bool) -> String {
    var text = self[...].drop(while: isDropped)
    while let last = text.last, isDropped(last) { text.removeLast() }
    return String(text)
  }
}
