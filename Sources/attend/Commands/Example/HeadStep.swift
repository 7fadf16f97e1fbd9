import Attention

/// Scores, weights and output of all words in one head.
struct HeadStep: LessonStep {
  let attention: LessonAttention
  let index: Int

  private var head: LessonHead { attention.heads[index] }
  private var words: [String] { attention.input.words }
  private var options: LessonOptions { attention.options }
  /// The digits after the point: fewer for many words, so that a row fits into the line.
  private var digits: (scores: Int, weights: Int) { LessonText.matrixDigits(words: words.count) }
  private var width: Int { digits.scores < 4 ? 5 : 8 }

  func lines() throws -> [String] {
    let scaled = options.isScaled ? "QKᵀ/√\(head.keys.columnCount)" : "QKᵀ"
    let weights = "softmax(\(scaled)\(options.isCausal ? ", masked" : ""))"
    let start = options.headCount > 1 ? "Head \(index), for every word" : "The same for every word"
    var lines = ["\(start): \(weights), and its product with V."]
    lines += ["", "   Scores QKᵀ:", ""] + scores(head.products)
    if options.isScaled || options.isCausal {
      let title = options.isScaled ? "Scaled scores \(scaled)" : "Scores QKᵀ"
      lines += ["", "   \(title)\(options.isCausal ? ", masked" : ""):", ""] + scores(head.scores)
    }
    return lines + ["", "   Weights \(weights), and the output:", ""] + self.weights
  }

  private func scores(_ scores: Tensor) -> [String] {
    var table = WordTable(words)
    table.keys(words, width: width) {
      LessonText.score(scores[$0, $1], digits: digits.scores)
    }
    return table.lines
  }

  private var weights: [String] {
    var table = WordTable(words)
    table.keys(words, width: width) {
      String(head.weights[$0, $1], digits: digits.weights)
    }
    table.column(
      "sum", .right,
      words.indices.map { String(head.weights.row($0).reduce(0, +), digits: digits.weights) })
    table.column("output", .left, head.output.rows.map(LessonText.vector))
    return table.lines
  }
}
