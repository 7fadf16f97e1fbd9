import Attention
import AttentionModels

/// An explanation as lines of text, or as JSON.
struct ExplanationReport {
  let explanation: AttentionExplanation
  let layer: Int?
  let head: Int?
  /// The maximum number of heads to list for a word.
  let limit: Int
  let isColored: Bool
  /// The width of the terminal, which a matrix must fit; nil for no limit.
  let columns: Int?

  private var layers: [Int] { layer.map { [$0] } ?? Array(explanation.layers.indices) }

  /// The sizes of the model and the text.
  private var heading: String {
    let heads = explanation.layers.first?.shape[0] ?? 0
    return "\(explanation.layers.count) layers × \(heads) heads, "
      + "\(explanation.encoding.count) tokens; layers and heads count from 0"
  }

  // MARK: - Words

  /// For each word, its strongest attention to a non-adjacent word.
  func overview() throws -> [String] {
    var table = Table([.left, .left, .left, .right, .right, .right])
    table.row("word", "", "attends to", "weight", "layer", "head")
    var isEmpty = true
    for word in explanation.words where !explanation.encoding.isSpecial[word.lowerBound] {
      guard let link = try explanation.strongestLinks(from: word, acrossAtLeast: 1).first
      else { continue }
      isEmpty = false
      table.row(
        explanation.spelling(of: word), "→", explanation.spelling(of: link.target),
        String(link.weight, digits: 3), "\(link.layer)", "\(link.head)")
    }
    guard !isEmpty else {
      return [heading, "The text needs at least three words."]
    }
    return [heading, "Strongest attention from each word to a non-adjacent word:", ""]
      + table.lines
  }

  /// For each word, the heads with its strongest attention to another word; or, with a layer and a head,
  /// its attention to every word.
  func looks(of words: [WordOccurrence]) throws -> [String] {
    try words.reduce(into: [heading]) { lines, word in
      if lines.count > 1 { lines.append("") }
      lines += try looks(of: word)
    }
  }

  private func looks(of occurrence: WordOccurrence) throws -> [String] {
    let word = occurrence.word
    var name = "\"\(explanation.spelling(of: word))\" (token \(word.lowerBound)"
    if occurrence.count > 1 {
      name += ", occurrence \(occurrence.number) of \(occurrence.count)"
    }
    name += ")"
    if let layer, let head {
      return ["Attention from \(name) in layer \(layer), head \(head):", ""]
        + (try distribution(of: word, layer: layer, head: head))
    }
    let links = try explanation.strongestLinks(from: word)
      .filter { layer == nil || $0.layer == layer }
      .prefix(limit)
    guard !links.isEmpty else { return ["Attention from \(name): the text has no other word"] }
    var table = Table([.right, .left, .right, .right, .left])
    table.row("weight", "", "layer", "head", "attends to")
    for link in links {
      table.row(
        String(link.weight, digits: 3), bar(link.weight), "\(link.layer)", "\(link.head)",
        explanation.spelling(of: link.target))
    }
    return ["Strongest attention from \(name):", ""] + table.lines
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

  /// A bar of up to 24 cells, with a resolution of an eighth of a cell.
  private func bar(_ weight: Float) -> String {
    let eighths = Int((min(max(weight, 0), 1) * 24 * 8).rounded())
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }

  // MARK: - Matrix

  /// The attention weights of one head, or their mean over the heads of a layer, in percent.
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
        + ": attention from row to column, in percent (· is below 0.5)",
    ]
    if let head {
      let matrix = try weights.rows(head..<head + 1)
        .reshaped(to: [tokens.count, tokens.count]).matrix()
      lines.append(
        "Effective rank \(String(try matrix.effectiveRank(), digits: 1)) of \(tokens.count): "
          + "1 if all rows are equal, \(tokens.count) if all singular values are equal")
    }
    // Columns that do not fit the terminal go below, so that no row wraps.
    let panel = columns.map { max(1, ($0 - indent.count) / 4) } ?? tokens.count
    for start in stride(from: 0, to: tokens.count, by: panel) {
      let keys = start..<min(start + panel, tokens.count)
      lines += ["", indent + keys.map { padded("\($0)", to: 4) }.joined()]
      for query in tokens.indices {
        var line =
          "  " + labels[query]
          + String(repeating: " ", count: width - displayWidth(labels[query]))
        for key in keys {
          let sum = heads.reduce(Float(0)) { $0 + (weights[$1, query, key]) }
          line += cell(sum / Float(heads.count))
        }
        lines.append(line)
      }
    }
    return lines
  }

  /// Four terminal cells: the weight in percent, on a blue background that is brighter for larger weights,
  /// or beside a shade character if the terminal has no colors.
  private func cell(_ weight: Float) -> String {
    guard weight.isFinite else { return " NaN" }
    let percent = Int((weight * 100).rounded())
    let number = percent == 0 ? "·" : "\(percent)"
    if isColored {
      // White is readable on each of these blues of the 256-color palette, regardless of the terminal's
      // background.
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
