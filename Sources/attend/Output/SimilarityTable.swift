import Attention

/// A symmetric table of similarities, with a row and a column for each text.
struct SimilarityTable {
  /// The maximum width of a text's label, in terminal cells.
  private static let labelWidth = 16

  let texts: [String]
  /// The width of the terminal.
  let columns: Int
  /// The similarity of two texts, as the table shows it.
  let similarity: (Int, Int) -> String

  /// The lines. Columns that do not fit the terminal go into further tables below, without the rows for the columns
  /// of earlier tables: the table is symmetric.
  var lines: [String] {
    let labels = texts.map { $0.isEmpty ? "\"\"" : oneLine($0, columns: Self.labelWidth) }
    let labelWidth = labels.map(displayWidth).max() ?? 0
    let panel = max(1, (columns - labelWidth - 6) / 7)
    var lines: [String] = []
    for start in stride(from: 0, to: texts.count, by: panel) {
      let others = Array(start..<min(start + panel, texts.count))
      var table = Table([.right, .left] + others.map { _ in .right })
      table.row(["", ""] + others.map { "\($0 + 1)" })
      for index in start..<texts.count {
        table.row(["\(index + 1)", labels[index]] + others.map { similarity(index, $0) })
      }
      lines += (start == 0 ? [] : [""]) + table.lines
    }
    return lines
  }
}
