import Attention

/// A summary of embeddings: the shape, each embedding's norm and first numbers, and the cosine similarity
/// of each pair of texts.
struct EmbeddingReport {
  /// The maximum number of texts to show.
  static let limit = 20

  /// The number of features of an embedding.
  let embeddingDimension: Int
  /// The width of the terminal.
  let columns: Int
  private(set) var count = 0
  private var texts: [String] = []
  private var embeddings: [[Float]] = []

  init(embeddingDimension: Int, columns: Int) {
    self.embeddingDimension = embeddingDimension
    self.columns = columns
  }

  /// Adds texts with their embeddings, `[text, feature]`; only the first `limit` are kept.
  mutating func add(_ texts: [String], _ embeddings: Tensor) {
    for (index, text) in texts.prefix(Self.limit - self.texts.count).enumerated() {
      self.texts.append(text)
      self.embeddings.append(embeddings.row(index))
    }
    count += texts.count
  }

  var lines: [String] {
    let heading =
      "\(count) \(count == 1 ? "text" : "texts"), shape [\(count), \(embeddingDimension)]"
    guard !texts.isEmpty else { return [heading] }
    var lines = [heading, "", "Norm and first numbers:", ""] + firstNumbers
    if texts.count > 1 { lines += ["", "Cosine similarity:", ""] + cosines }
    if count > texts.count {
      lines += [
        "",
        "\(count - texts.count) more texts are not shown; --format jsonl or npy writes all of them.",
      ]
    }
    return lines
  }

  // MARK: - First numbers

  private var firstNumbers: [String] {
    let shown = min(columns < 44 ? 1 : columns < 60 ? 2 : 4, embeddingDimension)
    var table = Table(Array(repeating: .right, count: shown + 2) + [.left])
    table.row(["", "norm"] + (0..<shown).map { "[\($0)]" })
    for (index, embedding) in embeddings.enumerated() {
      table.row(
        ["\(index + 1)", String(norm(embedding), digits: 3)]
          + embedding.prefix(shown).map { String($0, digits: 4) }
          + [shown < embeddingDimension ? "…" : ""])
    }
    // The texts use the rest of the terminal's width.
    let lines = table.lines
    let numberWidth = lines.map(displayWidth).max() ?? 0
    let textWidth = max(4, columns - numberWidth - 2)
    return [lines[0]]
      + zip(lines.dropFirst(), texts.indices).map { line, index in
        "\(line)  \(label(of: index, columns: textWidth))"
      }
  }

  private func label(of index: Int, columns: Int) -> String {
    texts[index].isEmpty ? "\"\"" : oneLine(texts[index], columns: columns)
  }

  private func norm(_ embedding: [Float]) -> Double {
    embedding.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  // MARK: - Cosines

  private var cosines: [String] {
    SimilarityTable(texts: texts, columns: columns, similarity: cosine).lines
  }

  /// a·b / (|a| |b|) with two digits; "-" if a vector is zero.
  private func cosine(_ a: Int, _ b: Int) -> String {
    let product = zip(embeddings[a], embeddings[b])
      .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    let norms = norm(embeddings[a]) * norm(embeddings[b])
    return norms == 0 ? "-" : String(product / norms, digits: 2)
  }
}
