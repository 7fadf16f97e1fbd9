/// Text in aligned columns for a terminal.
package struct Table {
  package enum Alignment {
    case left, right
  }

  private let alignments: [Alignment]
  private var rows: [[String]] = []

  package init(_ alignments: [Alignment]) {
    self.alignments = alignments
  }

  package mutating func row(_ cells: String...) { rows.append(cells) }
  package mutating func row(_ cells: [String]) { rows.append(cells) }

  /// The rows, indented by two spaces, with two spaces between cells.
  package var lines: [String] {
    let widths = alignments.indices.map { column in
      rows.map { $0.count > column ? displayWidth($0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - displayWidth(cell))
        line += "  " + (alignments[column] == .left ? cell + padding : padding + cell)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
