import AttentionModels

extension SearchModel {
  /// The sentence of each text that is most similar to a query: to show why a passage fits.
  ///
  /// - Parameters:
  ///   - texts: for example the texts of search results.
  ///   - query: the query.
  /// - Returns: for each text, the range of the sentence in Unicode scalars, without white space at its end.
  /// - Throws: the errors of embedding.
  /// - Complexity: embeds every sentence of all texts.
  public func bestSentences(in texts: [String], for query: String) throws -> [Range<Int>] {
    let scalars = texts.map { Array($0.unicodeScalars) }
    let sentences = scalars.map { text in
      let starts = [0] + SentenceEnds.sentenceStarts(in: text) + [text.count]
      return zip(starts, starts.dropFirst()).map { start, end in
        let trimmed = text[start..<end].lastIndex { !$0.properties.isWhitespace }
        return start..<(trimmed.map { $0 + 1 } ?? start)
      }
    }
    // A text with one sentence needs no choice.
    let candidates = zip(scalars, sentences).flatMap { text, ranges in
      ranges.count < 2 ? [] : ranges.map { String(String.UnicodeScalarView(text[$0])) }
    }
    guard !candidates.isEmpty else { return sentences.map { $0.first ?? 0..<0 } }
    let scores = try embedder.similarity(
      Tensor(rows: [embedder.embed(query, prompt: .query)]),
      embedder.embed(candidates, prompt: .document)
    ).row(0)
    var next = 0
    return sentences.map { ranges in
      guard ranges.count >= 2 else { return ranges.first ?? 0..<0 }
      defer { next += ranges.count }
      let best = ranges.indices.max { scores[next + $0] < scores[next + $1] } ?? 0
      return ranges[best]
    }
  }
}
