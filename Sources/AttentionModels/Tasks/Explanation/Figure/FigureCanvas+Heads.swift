import Attention

extension FigureCanvas {
  /// The largest number of rows and columns of a small matrix.
  private static let limit = 48
  private static let side = 60
  private static let gap = 8
  /// Weights are rounded to this number of shades, and all squares of a shade are one path.
  private static let shades = 10

  /// Draws each head, `layers[layer]` of `[head, query, key]`, as a small matrix.
  mutating func drawHeads(_ layers: [Tensor]) {
    let step = Self.side + Self.gap
    let left = Self.margin + Self.width(of: "Layer \(layers.count)") + 8
    let top = Self.top + 20
    let headCount = layers.first?.shape[0] ?? 0
    resize(
      width: left + headCount * step + Self.margin, height: top + layers.count * step + Self.margin)
    for head in 0..<headCount {
      addText(
        headCount == 1 ? "Mean" : "Head \(head)", x: left + head * step + Self.side / 2, y: top - 8,
        anchor: "middle")
    }
    for (layer, weights) in layers.enumerated() {
      let y = top + layer * step
      addText("Layer \(layer)", x: left - 8, y: y + Self.side / 2 + 4, anchor: "end")
      for head in 0..<headCount {
        drawHead(folded(weights, head: head), x: left + head * step, y: y)
      }
    }
  }

  private mutating func drawHead(_ weights: [[Float]], x: Int, y: Int) {
    var paths = Array(repeating: "", count: Self.shades + 1)  // of each shade; white is not drawn
    let (rows, columns) = (weights.count, weights.first?.count ?? 0)
    for (i, row) in weights.enumerated() {
      let (top, bottom) = (i * Self.side / rows, (i + 1) * Self.side / rows)
      let shades = row.map { Int((min(max($0, 0), 1) * Float(Self.shades)).rounded()) }
      var first = 0
      while first < columns {
        // One rectangle for neighbors of the same shade.
        let end = shades[first...].firstIndex { $0 != shades[first] } ?? columns
        let (left, right) = (first * Self.side / columns, end * Self.side / columns)
        paths[shades[first]] +=
          "M\(x + left) \(y + top)h\(right - left)v\(bottom - top)h\(left - right)z"
        first = end
      }
    }
    for shade in 1...Self.shades where !paths[shade].isEmpty {
      let opacity = Self.number(Float(shade) / Float(Self.shades))
      add("<path d=\"\(paths[shade])\" fill=\"\(ink)\" fill-opacity=\"\(opacity)\"/>")
    }
    add(
      "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(Self.side)\" height=\"\(Self.side)\" fill=\"none\" "
        + "stroke=\"\(lineColor)\" stroke-width=\"0.5\"/>")
  }

  /// The weights of a head, with the largest of several tokens in each place if there are too many.
  private func folded(_ weights: Tensor, head: Int) -> [[Float]] {
    let (Q, K) = (weights.shape[1], weights.shape[2])
    let (rows, columns) = (min(Q, Self.limit), min(K, Self.limit))
    var largest = Array(repeating: Array(repeating: Float(0), count: columns), count: rows)
    weights.withSpan { weights in
      for i in 0..<Q {
        for j in 0..<K {
          let (row, column) = (i * rows / Q, j * columns / K)
          largest[row][column] = max(largest[row][column], weights[(head * Q + i) * K + j])
        }
      }
    }
    return largest
  }
}
