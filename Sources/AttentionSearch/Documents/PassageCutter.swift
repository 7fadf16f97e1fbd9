import AttentionCore
import AttentionModels

/// A passage of a document, tokenized for the model.
struct Passage: Sendable {
  /// In Unicode scalars of the document's text.
  let range: Range<Int>
  let encoding: Encoding
}

/// Cuts documents into passages that fit into the model.
struct PassageCutter: Sendable {
  let embedder: SentenceEmbedder
  let prompt: EmbeddingPrompt
  let options: PassageOptions

  /// The largest number of tokens of a passage: at least one besides special tokens and the prompt.
  private func tokenLimit(special: Int) -> Int {
    max(options.tokenLimit(modelLimit: embedder.maxLength), special + 1)
  }

  /// The number of special tokens, and of tokens of the prompt.
  private func specialCount() throws -> Int {
    try embedder.encodings(of: [""], prompt: prompt)[0].count
  }

  /// The passages of each text. They cover the whole text.
  ///
  /// - Throws: as ``SentenceEmbedder/encodings(of:prompt:truncation:)``; an error's index is that of the text.
  func passages(of texts: [String]) throws -> [[Passage]] {
    let encodings = try embedder.encodings(of: texts, prompt: prompt)
    let special = try specialCount()
    return try zip(texts, encodings).enumerated().map { index, pair in
      let (text, encoding) = pair
      guard encoding.wasTruncated || encoding.count > tokenLimit(special: special) else {
        return [Passage(range: 0..<text.unicodeScalars.count, encoding: encoding)]
      }
      do {
        return try cut(Array(text.unicodeScalars), special: special)
      } catch ModelError.text(let name, _, let reason) {
        throw ModelError.text(name, index: index, reason: reason)
      }
    }
  }

  /// The ranges of the passages of each document, and the embeddings of all passages, `[passage, feature]`.
  ///
  /// - Throws: ``SearchError/document(_:reason:)`` for a text that the model refuses.
  func embed(_ documents: [SearchDocument]) throws -> (ranges: [[Range<Int>]], embeddings: Tensor) {
    var isCut = false
    do {
      let passages = try passages(of: documents.map(\.text))
      isCut = true
      let embeddings = try embedder.embed(passages.flatMap { $0.map(\.encoding) }, prompt: prompt)
      return (passages.map { $0.map(\.range) }, embeddings)
    } catch ModelError.text(let name, let index, let reason) {
      // The model counts the passages; before they are cut, the documents.
      guard !isCut, let index, documents.indices.contains(index) else {
        throw ModelError.text(name, index: index, reason: reason)
      }
      throw SearchError.document(documents[index].name, reason: reason)
    }
  }

  private func cut(_ text: [Unicode.Scalar], special: Int) throws -> [Passage] {
    let limit = tokenLimit(special: special)
    // Offsets in the text as it is; a model in lower case has about the same tokens.
    let tokens = try embedder.tokenizer.encode(string(text[...]), addingSpecialTokens: false)
    try Cancellation.check()
    let windows = TextWindows(
      tokenStarts: tokens.offsets.map(\.lowerBound), scalarCount: text.count,
      sentenceStarts: SentenceEnds.sentenceStarts(in: text),
      wordStarts: SentenceEnds.wordStarts(in: text)
    ).ranges(tokenLimit: limit - special, overlap: options.overlap)
    return try encode(windows, of: text, limit: limit)
  }

  /// Tokenizes windows. A window that has more tokens alone than as a part of the text is cut in half.
  private func encode(
    _ windows: [Range<Int>], of text: [Unicode.Scalar], limit: Int
  ) throws -> [Passage] {
    let encodings = try embedder.encodings(
      of: windows.map { string(text[$0]) }, prompt: prompt)
    var passages: [Passage] = []
    for (range, encoding) in zip(windows, encodings) {
      let isTooLong = encoding.wasTruncated || encoding.count > limit
      if isTooLong, range.count > 1 {
        let middle = cutNearMiddle(of: range, in: text)
        passages += try encode(
          [range.lowerBound..<middle, middle..<range.upperBound], of: text, limit: limit)
      } else {
        passages.append(Passage(range: range, encoding: encoding))
      }
    }
    return passages
  }

  /// The start of a word near the middle of a range.
  private func cutNearMiddle(of range: Range<Int>, in text: [Unicode.Scalar]) -> Int {
    let middle = range.lowerBound + range.count / 2
    let starts = SentenceEnds.wordStarts(in: Array(text[range])).map { $0 + range.lowerBound }
    return starts.min { abs($0 - middle) < abs($1 - middle) } ?? middle
  }

  private func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
  }
}

/// The windows of a text: ranges of at most `tokenLimit` tokens that end where sentences end, if one does.
struct TextWindows {
  /// The first scalar of each token, ascending.
  let tokenStarts: [Int]
  let scalarCount: Int
  let sentenceStarts: [Int]
  let wordStarts: [Int]

  /// Ranges that cover the text. Each starts where the one before it ends, or before that.
  ///
  /// - Parameter overlap: the largest number of tokens in two windows.
  func ranges(tokenLimit: Int, overlap: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var (start, covered) = (0, 0)
    while true {
      let first = firstIndex(of: tokenStarts, atLeast: start)
      guard tokenStarts.count - first > tokenLimit else {
        ranges.append(start..<scalarCount)
        return ranges
      }
      let limit = tokenStarts[first + tokenLimit]
      if let end = last(of: sentenceStarts, after: covered, atMost: limit) {
        ranges.append(start..<end)
      } else if start < covered {
        // The next sentence does not fit behind the repeated ones.
        start = covered
        continue
      } else {
        let end = last(of: wordStarts, after: covered, atMost: limit) ?? max(limit, covered + 1)
        ranges.append(start..<end)
      }
      covered = ranges[ranges.count - 1].upperBound
      guard covered < scalarCount else { return ranges }
      start = self.start(after: start, end: covered, overlap: min(overlap, tokenLimit - 1))
    }
  }

  /// The last of `starts` in `bound + 1 ... limit`.
  private func last(of starts: [Int], after bound: Int, atMost limit: Int) -> Int? {
    let index = firstIndex(of: starts, atLeast: limit + 1) - 1
    return index >= 0 && starts[index] > bound ? starts[index] : nil
  }

  /// The first start of a sentence in the last `overlap` tokens before `end`, else `end`.
  private func start(after start: Int, end: Int, overlap: Int) -> Int {
    let last = firstIndex(of: tokenStarts, atLeast: end)
    guard overlap > 0, last > overlap else { return end }
    let earliest = max(tokenStarts[last - overlap], start + 1)
    let index = firstIndex(of: sentenceStarts, atLeast: earliest)
    return index < sentenceStarts.count ? min(sentenceStarts[index], end) : end
  }

  /// The index of the first number that is at least `bound`, by bisection.
  private func firstIndex(of numbers: [Int], atLeast bound: Int) -> Int {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
