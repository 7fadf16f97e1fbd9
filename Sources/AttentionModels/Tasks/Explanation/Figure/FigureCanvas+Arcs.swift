import Attention

extension FigureCanvas {
  private static let line = 22

  /// Draws queries on the left, keys on the right, and a curve for each weight of at least 0.01. Curves of emphasized
  /// queries are above the others.
  mutating func drawArcs(
    _ weights: Tensor, queries: [String], keys: [String], emphasized: Set<Int>
  ) {
    let left = Self.margin + Self.width(of: queries) + 8
    let right = left + 220
    let top = Self.top + 8
    resize(
      width: right + 8 + Self.width(of: keys) + Self.margin,
      height: top + max(queries.count, keys.count) * Self.line + Self.margin)
    func middle(_ index: Int) -> Int { top + index * Self.line + Self.line / 2 }
    add("<g fill=\"none\" stroke=\"\(ink)\">")
    for i in queries.indices.filter({ !emphasized.contains($0) }) + emphasized.sorted() {
      let color = emphasized.contains(i) ? " stroke=\"\(accent)\"" : ""
      for j in keys.indices where weights[i, j] >= 0.01 {
        add(
          "<path d=\"M\(left) \(middle(i))C\(left + 90) \(middle(i)) \(right - 90) \(middle(j)) "
            + "\(right) \(middle(j))\"\(color) stroke-opacity=\"\(Self.number(weights[i, j]))\" "
            + "stroke-width=\"\(Self.number(0.5 + 2.5 * weights[i, j]))\"/>")
      }
    }
    add("</g>")
    for (i, name) in queries.enumerated() {
      let isBold = emphasized.contains(i)
      addText(
        name, x: left - 8, y: middle(i) + 4, anchor: "end", isBold: isBold,
        color: isBold ? accent : nil)
    }
    for (j, name) in keys.enumerated() { addText(name, x: right + 8, y: middle(j) + 4) }
  }
}
