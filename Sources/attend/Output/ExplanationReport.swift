import Attention
import AttentionModels

/// An explanation as lines of text, or as JSON.
struct ExplanationReport {
  let explanation: AttentionExplanation
  let layer: Int?
  let head: Int?
  /// How many heads are listed.
  let limit: Int
  let isColored: Bool

  private var layers: [Int] { layer.map { [$0] } ?? Array(explanation.layers.indices) }

  /// The model's size and the text's.
  private var heading: String {
    let heads = explanation.layers.first?.shape[0] ?? 0
    return "\(explanation.layers.count) layers × \(heads) heads, "
      + "\(explanation.encoding.count) tokens; layers and heads count from 0"
  }

  // MARK: - Words

  /// For each word, the head in which it looks hardest beyond its neighbours.
  func overview() throws -> [String] {
    var table = Table([.left, .left, .left, .right, .right, .right])
    table.row("word", "", "looks at", "weight", "layer", "head")
    for word in explanation.words where !explanation.encoding.isSpecial[word.lowerBound] {
      guard let link = try explanation.strongestLinks(from: word, acrossAtLeast: 1).first
      else { continue }
      table.row(
        explanation.spelling(of: word), "→", explanation.spelling(of: link.target),
        String(link.weight, digits: 3), "\(link.layer)", "\(link.head)")
    }
    return [heading, "Each word's hardest look at a word that is not its neighbour:", ""]
      + table.lines
  }

  /// The heads in which `word` looks hardest, and where; or all that one head of it looks at.
  func looks(of word: Range<Int>) throws -> [String] {
    let name = "\"\(explanation.spelling(of: word))\" (token \(word.lowerBound))"
    if let layer, let head {
      return [heading, "\(name), layer \(layer), head \(head) looks at", ""]
        + (try distribution(of: word, layer: layer, head: head)) + [""]
    }
    let links = try explanation.strongestLinks(from: word)
      .filter { layer == nil || $0.layer == layer }
      .prefix(limit)
    var table = Table([.right, .left, .right, .right, .left])
    table.row("weight", "", "layer", "head", "looks at")
    for link in links {
      table.row(
        String(link.weight, digits: 3), bar(link.weight), "\(link.layer)", "\(link.head)",
        explanation.spelling(of: link.target))
    }
    return [heading, "\(name) looks hardest at other words in", ""] + table.lines + [""]
  }

  private func distribution(of word: Range<Int>, layer: Int, head: Int) throws -> [String] {
    var table = Table([.right, .left, .left])
    for target in explanation.words {
      let weight = try explanation.attention(layer: layer, head: head, from: word, to: target)
      table.row(
        String(weight, digits: 3), explanation.spelling(of: target), bar(weight))
    }
    return table.lines
  }

  /// A bar of up to 24 cells, to an eighth of a cell.
  private func bar(_ weight: Float) -> String {
    let eighths = Int((min(max(weight, 0), 1) * 24 * 8).rounded())
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }

  // MARK: - Matrix

  /// Who looks at whom in one head, or on average over the heads of a layer, in percent.
  func matrix() throws -> [String] {
    guard let layer else { return [] }
    let weights = explanation.layers[layer]
    let heads = head.map { [$0] } ?? Array(0..<weights.shape[0])
    let tokens = explanation.encoding.tokens
    let labels = tokens.indices.map { "\($0) \(tokens[$0])" }
    let width = labels.map(displayWidth).max() ?? 0
    let indent = String(repeating: " ", count: width + 2)

    var lines = [
      heading,
      "Layer \(layer), " + (head.map { "head \($0)" } ?? "mean over its \(heads.count) heads")
        + ": rows look at columns, in percent",
      "",
      indent + tokens.indices.map { padded("\($0)", to: 4) }.joined(),
    ]
    for query in tokens.indices {
      var line =
        "  " + labels[query]
        + String(repeating: " ", count: width - displayWidth(labels[query]))
      for key in tokens.indices {
        let sum = try heads.reduce(Float(0)) { $0 + (try weights[$1, query, key]) }
        line += cell(sum / Float(heads.count))
      }
      lines.append(line)
    }
    return lines
  }

  /// Four cells: the weight in percent on a background as dark as it is large, or a shade beside it
  /// where there are no colours.
  private func cell(_ weight: Float) -> String {
    guard weight.isFinite else { return " NaN" }
    let percent = Int((weight * 100).rounded())
    let number = percent == 0 ? "·" : "\(percent)"
    if isColored {
      // The 24 greys of the 256-colour table, 232 being almost black: white text on a light ground
      // would vanish, so the ground turns blue instead.
      let blues = [17, 18, 19, 20, 21, 27]
      let step = Int((min(max(weight, 0), 1) * 6).rounded(.up)) - 1
      let text = padded(number, to: 4)
      return percent == 0 ? text : "\u{1B}[97;48;5;\(blues[max(step, 0)])m\(text)\u{1B}[0m"
    }
    let shades = ["░", "▒", "▓", "█"]
    let shade = percent == 0 ? " " : shades[min(percent / 25, 3)]
    return percent == 100 ? " 100" : " \(shade)\(padded(number, to: 2))"
  }

  private func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - displayWidth(text))) + text
  }

  // MARK: - JSON

  /// The tokens and the weights of the chosen layers and heads.
  func json(model: String) -> String {
    let encoding = explanation.encoding
    let weights = layers.map { index in
      let layer = explanation.layers[index]
      let (heads, count) = (layer.shape[0], layer.shape[1])
      let scalars = layer.scalars
      return JSONText.array(
        (head.map { [$0] } ?? Array(0..<heads)).map { head in
          JSONText.array(
            (0..<count).map { query in
              let start = (head * count + query) * count
              return JSONText.array(scalars[start..<start + count].map(JSONText.number))
            })
        })
    }
    return JSONText.object([
      "model": JSONText.string(model),
      "text": JSONText.string(explanation.text),
      "tokens": JSONText.array(encoding.tokens.map(JSONText.string)),
      "ids": JSONText.array(encoding.ids.map { "\($0)" }),
      "offsets": JSONText.array(encoding.offsets.map { "[\($0.lowerBound), \($0.upperBound)]" }),
      "layers": JSONText.array(layers.map { "\($0)" }),
      "heads": JSONText.array(
        (head.map { [$0] } ?? Array(0..<(explanation.layers.first?.shape[0] ?? 0))).map { "\($0)" }),
      "weights": JSONText.array(weights),
    ])
  }
}
