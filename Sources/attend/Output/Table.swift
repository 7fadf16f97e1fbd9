/// Columns of text, aligned for a terminal.
struct Table {
  enum Alignment {
    case left, right
  }

  private let alignments: [Alignment]
  private var rows: [[String]] = []

  init(_ alignments: [Alignment]) {
    self.alignments = alignments
  }

  mutating func row(_ cells: String...) { rows.append(cells) }
  mutating func row(_ cells: [String]) { rows.append(cells) }

  /// The rows, indented by two spaces, their cells two spaces apart.
  var lines: [String] {
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

/// How many terminal cells `text` takes: two for East Asian wide characters and emoji, none for
/// marks that join the character before and for what is invisible.
func displayWidth(_ text: String) -> Int {
  text.reduce(0) { width, character in
    guard let scalar = character.unicodeScalars.first else { return width }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return width
    default: break
    }
    if scalar.properties.isEmojiPresentation { return width + 2 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return width + 2
    default:
      return width + 1
    }
  }
}

extension String {
  /// The number with so many digits after the point, in the way of the C locale.
  init(_ value: some BinaryFloatingPoint, digits: Int) {
    guard value.isFinite else {
      self = "\(value)"
      return
    }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let units = (abs(Double(value)) * scale).rounded(.toNearestOrAwayFromZero)
    let sign = value < 0 && units > 0 ? "-" : ""
    guard units < 1e15 else {
      self = "\(value)"
      return
    }
    let whole = Int(units) / Int(scale)
    let fraction = "\(Int(units) % Int(scale))"
    let zeros = String(repeating: "0", count: digits - (digits == 0 ? 0 : fraction.utf8.count))
    self = digits == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(zeros)\(fraction)"
  }
}
