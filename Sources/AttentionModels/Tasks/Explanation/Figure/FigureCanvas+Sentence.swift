import Attention

extension FigureCanvas {
  private static let size = 20
  private static let gap = 22
  private static let least: Float = 0.07

  /// Draws the words of a text in a line, and half an ellipse above them for each weight of at least 0.07. Attention to
  /// a word is the sum over its tokens, attention from a word the mean.
  mutating func drawSentence(_ weights: Tensor, of text: TokenizedText, emphasized: Set<Int>) {
    let words = text.words.filter { !text.isSpecial[$0.lowerBound] }
    let labels = words.map { word in
      let original = text.original(word).filter { !$0.isWhitespace }
      return original.isEmpty ? text.spelling(of: word) : original
    }
    var middles: [Int] = []
    var x = 2 * Self.margin
    for label in labels {
      let width = Self.width(of: label, fontSize: Self.size)
      middles.append(x + width / 2)
      x += width + Self.gap
    }
    let isEmphasized = words.map { !emphasized.isDisjoint(with: $0) }

    struct Arc {
      let from: Int
      let to: Int
      let weight: Float
    }
    var arcs: [Arc] = []
    for (i, source) in words.enumerated() {
      for (j, target) in words.enumerated() where i != j {
        let weight = weights.attention(from: source, to: target)
        if weight >= Self.least { arcs.append(Arc(from: i, to: j, weight: weight)) }
      }
    }
    func radius(_ arc: Arc) -> Int { abs(middles[arc.from] - middles[arc.to]) / 2 }
    func rise(_ arc: Arc) -> Int { radius(arc) * 7 / 10 }
    let baseline = Self.top + 16 + (arcs.map(rise).max() ?? 0)
    resize(width: x - Self.gap + 2 * Self.margin, height: baseline + Self.size + 24)

    add("<g fill=\"none\" stroke=\"\(ink)\" stroke-linecap=\"round\">")
    for arc in arcs.filter({ !isEmphasized[$0.from] }) + arcs.filter({ isEmphasized[$0.from] }) {
      let color = isEmphasized[arc.from] ? " stroke=\"\(accent)\"" : ""
      let opacity = isEmphasized[arc.from] ? 0.5 + 0.5 * arc.weight : arc.weight
      let sweep = arc.from < arc.to ? 1 : 0
      add(
        "<path d=\"M\(middles[arc.from]) \(baseline)A\(radius(arc)) \(rise(arc)) 0 0 \(sweep) "
          + "\(middles[arc.to]) \(baseline)\"\(color) stroke-opacity=\"\(Self.number(opacity))\" "
          + "stroke-width=\"\(Self.number(1 + 4 * arc.weight))\">"
          + "<title>\(Self.escaped(labels[arc.from])) → \(Self.escaped(labels[arc.to])): "
          + "\(Self.number(arc.weight))</title></path>")
    }
    add("</g>")
    // The strongest arcs of an emphasized word have their weights, and their targets the same color.
    var targets: Set<Int> = []
    for from in words.indices where isEmphasized[from] {
      let own = arcs.filter { $0.from == from }
      let largest = own.map(\.weight).max() ?? 0
      for arc in own where arc.weight >= largest / 2 {
        targets.insert(arc.to)
        addText(
          Self.number(arc.weight), x: (middles[from] + middles[arc.to]) / 2,
          y: baseline - rise(arc) + (rise(arc) > 30 ? 18 : -5), anchor: "middle", isBold: true,
          color: accent)
      }
    }
    for (index, label) in labels.enumerated() {
      let isBold = isEmphasized[index] || targets.contains(index)
      addText(
        label, x: middles[index], y: baseline + 26, anchor: "middle", fontSize: Self.size,
        isBold: isBold, color: isBold ? accent : nil)
    }
  }
}
