import Attention

/// The queries, keys and values of each head.
struct SplitStep: LessonStep {
  let attention: LessonAttention

  func lines() throws -> [String] {
    let count = attention.heads.count
    var lines = [
      "\(count) heads: each attends with its part of q, k and v, so one word can attend to others in",
      "   \(count) ways at once. The head dimension is dk = \(attention.heads[0].keys.columnCount).",
    ]
    for (index, head) in attention.heads.enumerated() {
      var table = WordTable(attention.input.words)
      for (name, matrix) in [("q", head.queries), ("k", head.keys), ("v", head.values)] {
        let rows = (0..<matrix.rowCount).map { row in
          (0..<matrix.columnCount).map { matrix[row, $0] }
        }
        table.column("\(name), head \(index)", .left, LessonText.vectors(rows))
      }
      lines += [""] + table.lines
    }
    return lines
  }
}
