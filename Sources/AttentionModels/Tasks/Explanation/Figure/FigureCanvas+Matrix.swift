import Attention

extension FigureCanvas {
  private static let cell = 22

  /// Draws a matrix with the keys as columns, above which their names are turned by 90°.
  mutating func drawMatrix(
    _ weights: Tensor, queries: [String], keys: [String], emphasized: Set<Int>
  ) {
    let cell = Self.cell
    let left = Self.margin + Self.width(of: queries) + 8
    let top = Self.top + Self.width(of: keys) + 8
    resize(
      width: left + keys.count * cell + Self.margin,
      height: top + queries.count * cell + Self.margin)
    add("<g stroke=\"none\" fill=\"\(ink)\">")
    for i in queries.indices {
      let color = emphasized.contains(i) ? " fill=\"\(accent)\"" : ""
      for j in keys.indices where weights[i, j] >= 0.0005 {
        let weight = Self.number(weights[i, j])
        add(
          "<rect x=\"\(left + j * cell)\" y=\"\(top + i * cell)\" width=\"\(cell)\" "
            + "height=\"\(cell)\"\(color) fill-opacity=\"\(weight)\">"
            + "<title>\(Self.escaped(queries[i])) → \(Self.escaped(keys[j])): "
            + "\(weight)</title></rect>")
      }
    }
    add("</g>")
    add(
      "<rect x=\"\(left)\" y=\"\(top)\" width=\"\(keys.count * cell)\" "
        + "height=\"\(queries.count * cell)\" fill=\"none\" stroke=\"\(lineColor)\"/>")
    for (i, name) in queries.enumerated() {
      let isBold = emphasized.contains(i)
      addText(
        name, x: left - 8, y: top + i * cell + 15, anchor: "end", isBold: isBold,
        color: isBold ? accent : nil)
    }
    for (j, name) in keys.enumerated() {
      addText(name, x: left + j * cell + 15, y: top - 8, isVertical: true)
    }
  }
}
