import Attention
import AttentionModels

/// The attention of words as lines of text.
struct ExplanationReport {
  let map: AttentionMap
  let layer: Int?
  let head: Int?
  /// The maximum number of heads to list for a word.
  let limit: Int
  /// The width of the terminal; nil for no limit.
  let columns: Int?

  var layers: [Int] { layer.map { [$0] } ?? Array(map.layers.indices) }

  /// The sizes of the model and the text.
  var heading: String {
    let tokens =
      map.kind == .cross ? "\(map.queries.count) × \(map.keys.count)" : "\(map.keys.count)"
    return "\(map.layers.count) layers × \(map.headCount) heads, \(tokens) tokens; "
      + "layers and heads count from 0"
  }

  // MARK: - Words

  /// For each word, its strongest attention to a non-adjacent word; in cross-attention, to any word.
  func overview() throws -> [String] {
    var table = Table([.left, .left, .left, .right, .right, .right])
    table.row("word", "", "attends to", "weight", "layer", "head")
    var isEmpty = true
    for word in map.queries.words where !map.queries.isSpecial[word.lowerBound] {
      for (index, link) in try overviewLinks(from: word).enumerated() {
        isEmpty = false
        table.row(
          index == 0 ? map.queries.spelling(of: word) : "", index == 0 ? "→" : "",
          map.keys.spelling(of: link.target), String(link.weight, digits: 3), "\(link.layer)",
          "\(link.head)")
      }
    }
    guard !isEmpty else {
      return [heading, "The text needs at least three words."]
    }
    let target = map.kind == .cross ? "a word of the input" : "a non-adjacent word"
    return [heading, "Strongest attention from each word to \(target):", ""]
      + table.lines
  }

  /// The strongest link from a word. In cross-attention, some heads read the word that is translated, and others the
  /// words that decide its form, so up to three words of the input have a link if its weight is at least 0.9.
  private func overviewLinks(from word: Range<Int>) throws -> [AttentionMap.Link] {
    let links = try map.strongestLinks(from: word, acrossAtLeast: 1)
    guard map.kind == .cross else { return Array(links.prefix(1)) }
    var targets: Set<Range<Int>> = []
    let distinct = links.filter { targets.insert($0.target).inserted }
    return Array(distinct.prefix(1) + distinct.dropFirst().prefix(2).filter { $0.weight >= 0.9 })
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
    var name = "\"\(map.queries.spelling(of: word))\" (token \(word.lowerBound)"
    if occurrence.count > 1 {
      name += ", occurrence \(occurrence.number) of \(occurrence.count)"
    }
    name += ")"
    if let layer, let head {
      return ["Attention from \(name) in layer \(layer), head \(head):", ""]
        + (try distribution(of: word, layer: layer, head: head))
    }
    let links = try map.strongestLinks(from: word)
      .filter { layer == nil || $0.layer == layer }
      .prefix(limit)
    guard !links.isEmpty else { return ["Attention from \(name): the text has no other word"] }
    var table = Table([.right, .left, .right, .right, .left])
    table.row("weight", "", "layer", "head", "attends to")
    for link in links {
      table.row(
        String(link.weight, digits: 3), bar(link.weight), "\(link.layer)", "\(link.head)",
        map.keys.spelling(of: link.target))
    }
    return ["Strongest attention from \(name):", ""] + table.lines
  }

  private func distribution(of word: Range<Int>, layer: Int, head: Int) throws -> [String] {
    var table = Table([.right, .left, .left])
    for target in map.keys.words {
      let weight = try map.attention(layer: layer, head: head, from: word, to: target)
      table.row(
        String(weight, digits: 3), map.keys.spelling(of: target), bar(weight))
    }
    return table.lines
  }

  /// A bar of up to half of the terminal's width, with a resolution of an eighth of a cell.
  private func bar(_ weight: Float) -> String {
    let cells = columns.map { min(max($0 / 2, 8), 60) } ?? 24
    let eighths = Int((min(max(weight, 0), 1) * Float(cells * 8)).rounded())
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }
}
