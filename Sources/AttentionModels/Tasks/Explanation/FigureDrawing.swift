import Attention

/// Draws the weights of one head as SVG.
struct FigureDrawing {
  /// `[query, key]`.
  let weights: Tensor
  let queries: [String]
  let keys: [String]
  let title: String

  private static let cell = 22
  private static let letter = 7.5  // the average width of a letter of 13 px
  private static let margin = 12
  /// The color of weight 1 on white paper.
  private static let ink = "#08306b"

  // MARK: Matrix

  /// A matrix with the keys as columns, above which their names are turned by 90°.
  var matrix: String {
    let left = Self.margin + Self.width(of: queries) + 8
    let top = Self.margin + 24 + Self.width(of: keys) + 8
    let width = left + keys.count * Self.cell + Self.margin
    let height = top + queries.count * Self.cell + Self.margin
    var lines = [
      "<g stroke=\"none\" fill=\"\(Self.ink)\">"
    ]
    for (i, _) in queries.enumerated() {
      for (j, _) in keys.enumerated() {
        let weight = weights[i, j]
        guard weight >= 0.0005 else { continue }
        lines.append(
          "<rect x=\"\(left + j * Self.cell)\" y=\"\(top + i * Self.cell)\" width=\"\(Self.cell)\" "
            + "height=\"\(Self.cell)\" fill-opacity=\"\(Self.number(weight))\">"
            + "<title>\(Self.escaped(queries[i])) → \(Self.escaped(keys[j])): "
            + "\(Self.number(weight))</title></rect>")
      }
    }
    lines.append("</g>")
    lines.append(
      "<rect x=\"\(left)\" y=\"\(top)\" width=\"\(keys.count * Self.cell)\" "
        + "height=\"\(queries.count * Self.cell)\" fill=\"none\" stroke=\"#999\"/>")
    for (i, name) in queries.enumerated() {
      lines.append(
        Self.text(name, x: left - 8, y: top + i * Self.cell + 15, anchor: "end"))
    }
    for (j, name) in keys.enumerated() {
      let (x, y) = (left + j * Self.cell + 15, top - 8)
      lines.append(
        Self.text(name, x: x, y: y, anchor: "start", rotation: "rotate(-90 \(x) \(y))"))
    }
    return document(lines, width: width, height: height)
  }

  // MARK: Arcs

  /// Queries on the left, keys on the right, and a curve for each weight of at least 0.01.
  var arcs: String {
    let left = Self.margin + Self.width(of: queries) + 8
    let right = left + 220
    let top = Self.margin + 32
    let width = right + 8 + Self.width(of: keys) + Self.margin
    let height = top + max(queries.count, keys.count) * Self.cell + Self.margin
    var lines = ["<g fill=\"none\" stroke=\"\(Self.ink)\">"]
    func middle(_ index: Int) -> Int { top + index * Self.cell + Self.cell / 2 }
    for i in queries.indices {
      for j in keys.indices {
        let weight = weights[i, j]
        guard weight >= 0.01 else { continue }
        lines.append(
          "<path d=\"M\(left) \(middle(i))C\(left + 90) \(middle(i)) \(right - 90) \(middle(j)) "
            + "\(right) \(middle(j))\" stroke-opacity=\"\(Self.number(weight))\" "
            + "stroke-width=\"\(Self.number(0.5 + 2.5 * weight))\"/>")
      }
    }
    lines.append("</g>")
    for (i, name) in queries.enumerated() {
      lines.append(Self.text(name, x: left - 8, y: middle(i) + 4, anchor: "end"))
    }
    for (j, name) in keys.enumerated() {
      lines.append(Self.text(name, x: right + 8, y: middle(j) + 4, anchor: "start"))
    }
    return document(lines, width: width, height: height)
  }

  // MARK: Parts

  private func document(_ lines: [String], width: Int, height: Int) -> String {
    let heading = Self.text(
      title, x: Self.margin, y: Self.margin + 12, anchor: "start", isBold: true)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" role="img" font-family="Helvetica, Arial, sans-serif" \
      font-size="13">
      <title>\(Self.escaped(title))</title>
      <rect width="\(width)" height="\(height)" fill="#fff"/>
      \(([heading] + lines).joined(separator: "\n"))
      </svg>

      """
  }

  private static func width(of names: [String]) -> Int {
    Int((Double(names.map(\.count).max() ?? 0) * letter).rounded(.up))
  }

  private static func text(
    _ text: String, x: Int, y: Int, anchor: String, rotation: String? = nil, isBold: Bool = false
  ) -> String {
    "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\""
      + (rotation.map { " transform=\"\($0)\"" } ?? "") + (isBold ? " font-weight=\"bold\"" : "")
      + ">\(escaped(text))</text>"
  }

  /// Three decimals, the same on every machine.
  private static func number(_ value: Float) -> String {
    let thousandths = Int((min(max(value, 0), 10) * 1_000).rounded(.toNearestOrAwayFromZero))
    let digits = String(thousandths % 1_000)
    return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }

  private static func escaped(_ text: String) -> String {
    String(
      text.unicodeScalars.flatMap { scalar -> [Character] in
        switch scalar {
        case "&": Array("&amp;")
        case "<": Array("&lt;")
        case ">": Array("&gt;")
        // XML does not allow control characters.
        case _ where scalar.value < 0x20 || scalar.value == 0x7F: ["\u{FFFD}"]
        default: [Character(scalar)]
        }
      })
  }
}
