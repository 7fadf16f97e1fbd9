import AttentionModels

/// A table with a row for each word. Columns that do not fit into the line start another table below.
struct WordTable {
  private struct Column {
    let title: String
    let alignment: Table.Alignment
    let cells: [String]

    var width: Int { ([title] + cells).map(displayWidth).max() ?? 0 }
  }

  private let labels: [String]
  private var columns: [Column] = []

  /// - Parameter labels: the words, and names of further rows.
  init(_ labels: [String]) {
    self.labels = labels.map { LessonText.word($0) }
  }

  mutating func column(
    _ title: String, _ alignment: Table.Alignment = .right, _ cells: [String]
  ) {
    columns.append(Column(title: title, alignment: alignment, cells: cells))
  }

  /// A column for each key, with the numbers of the queries.
  ///
  /// - Parameter width: the largest width of a title.
  mutating func keys(_ words: [String], width: Int, _ cell: (_ query: Int, _ key: Int) -> String) {
    for (key, word) in words.enumerated() {
      column(
        LessonText.word(word, width: width), .right, words.indices.map { cell($0, key) })
    }
  }

  var lines: [String] {
    let labelWidth = labels.map(displayWidth).max() ?? 0
    var groups: [[Column]] = []
    var width = 0
    for column in columns {
      width += 2 + column.width
      if groups.isEmpty || width > LessonText.columns {
        groups.append([])
        width = 2 + labelWidth + 2 + column.width
      }
      groups[groups.count - 1].append(column)
    }
    return Array(groups.map(lines).joined(separator: [""]))
  }

  private func lines(of columns: [Column]) -> [String] {
    var table = Table([.left] + columns.map(\.alignment))
    table.row([""] + columns.map(\.title))
    for (index, label) in labels.enumerated() {
      table.row([label] + columns.map { index < $0.cells.count ? $0.cells[index] : "" })
    }
    return table.lines
  }
}
