import Attention
import AttentionModels
import DemonstrationModels
import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The elements of figures compared with the weights.
@Suite struct AttentionFigureTests {
  /// The map of a small BERT for a text of seven tokens.
  private func map() throws -> AttentionMap {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "BERT/plain")
    try folder.copy(fixture: "Sentences/common/tokenizer.json")
    return try AttentionExplainer(model: folder.path).explain("the cat <&> sat").maps[0]
  }

  /// The attributes of all elements of a name, in order.
  private func elements(_ name: String, of figure: AttentionFigure) throws -> [[String: String]] {
    final class Reader: NSObject, XMLParserDelegate {
      let name: String
      var found: [[String: String]] = []
      init(_ name: String) { self.name = name }

      func parser(
        _: XMLParser, didStartElement element: String, namespaceURI _: String?,
        qualifiedName _: String?, attributes: [String: String]
      ) {
        if element == name { found.append(attributes) }
      }
    }
    let reader = Reader(name)
    let parser = XMLParser(data: Data(figure.svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(figure.svg)")
    return reader.found
  }

  @Test(arguments: AttentionFigure.Style.allCases)
  func `a figure has the tokens as text and the same bytes each time`(
    style: AttentionFigure.Style
  ) throws {
    let map = try map()
    let figure = try AttentionFigure(map, layer: 1, head: 2, style: style)
    #expect(figure.svg == (try AttentionFigure(map, layer: 1, head: 2, style: style)).svg)
    #expect(figure.svg.hasPrefix("<svg xmlns") && figure.svg.hasSuffix("</svg>\n"))
    #expect(figure.svg.contains(">cat</text>") && !figure.svg.contains(">&</text>"))
    // Only a sentence is without special tokens.
    #expect(figure.svg.contains(">[CLS]</text>") == (style != .sentence))
    #expect(try !elements("text", of: figure).isEmpty)
    let mean = try AttentionFigure(map, layer: 0, style: style)
    #expect(mean.svg.contains("mean over \(map.headCount) heads"))
  }

  @Test func `a matrix has a square for each weight, with three decimals`() throws {
    let map = try map()
    let figure = try AttentionFigure(map, layer: 1, head: 2)
    let names = map.queries.tokens.map {
      $0.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
    for i in names.indices {
      for j in names.indices where map.layers[1][2, i, j] >= 0.0005 {
        let weight = String(format: "%.3f", map.layers[1][2, i, j])
        #expect(figure.svg.contains("\(names[i]) → \(names[j]): \(weight)<"))
      }
    }
  }

  @Test func `arcs have the opacity of their weights`() throws {
    let map = try map()
    let weights = try map.weights(layer: 1, head: 2)
    let opacities = try elements("path", of: AttentionFigure(map, layer: 1, head: 2, style: .arcs))
      .compactMap { $0["stroke-opacity"] }
    let expected = weights.scalars.filter { $0 >= 0.01 }.map { String(format: "%.3f", $0) }
    #expect(opacities == expected && expected.count > 20)
  }

  @Test func `arcs above a sentence are the attention between words`() throws {
    let map = try map()
    let words = map.queries.words.filter { !map.queries.isSpecial[$0.lowerBound] }
    let figure = try AttentionFigure(map, layer: 1, head: 2, style: .sentence)
    var expected: [String] = []
    for source in words {
      for target in words where source != target {
        let weight = try map.attention(layer: 1, head: 2, from: source, to: target)
        if weight >= 0.07 { expected.append(String(format: "%.3f", weight)) }
      }
    }
    let opacities = try elements("path", of: figure).compactMap { $0["stroke-opacity"] }
    #expect(opacities == expected && expected.count > 5)

    // An emphasized arc is never faint, and the strongest ones have their weights.
    let cat = map.queries.occurrences(of: "cat")
    let emphasized = try AttentionFigure(
      map, layer: 1, head: 2, style: .sentence, emphasizing: cat)
    let own = try words.filter { $0 != cat[0] }
      .map { try map.attention(layer: 1, head: 2, from: cat[0], to: $0) }.filter { $0 >= 0.07 }
    let accented = try elements("path", of: emphasized).filter { $0["stroke"] == "#c2410c" }
    #expect(
      accented.compactMap { $0["stroke-opacity"] }
        == own.map { String(format: "%.3f", 0.5 + 0.5 * $0) })
    for weight in own where weight >= (own.max() ?? 0) / 2 {
      #expect(emphasized.svg.contains(">\(String(format: "%.3f", weight))</text>"))
    }
  }

  @Test(arguments: AttentionFigure.Style.allCases)
  func `emphasized words have another color in both themes`(
    style: AttentionFigure.Style
  ) throws {
    let map = try map()
    let cat = map.queries.occurrences(of: "cat")
    for (theme, accent) in [(AttentionFigure.Theme.light, "#c2410c"), (.dark, "#ff9f4a")] {
      let plain = try AttentionFigure(map, layer: 1, head: 2, style: style, theme: theme)
      let emphasized = try AttentionFigure(
        map, layer: 1, head: 2, style: style, emphasizing: cat, theme: theme)
      #expect(!plain.svg.contains(accent))
      #expect(emphasized.svg.contains("font-weight=\"bold\" fill=\"\(accent)\">cat</text>"))
      // A dark figure has no background.
      #expect(plain.svg.contains("fill=\"#fff\"") == (theme == .light))
    }
    // As many weights as without emphasis.
    let shape = style == .matrix ? "rect" : "path"
    let count = try elements(shape, of: AttentionFigure(map, layer: 1, head: 2, style: style)).count
    let emphasized = try AttentionFigure(map, layer: 1, head: 2, style: style, emphasizing: cat)
    #expect(try elements(shape, of: emphasized).count == count)
  }

  @Test func `a sentence cannot show cross-attention`() throws {
    let explanation = try AttentionExplainer(DemonstrationModel.toyT5.directory())
      .explain("The cat.", output: "Le chat.")
    let cross = try #require(explanation.map(.cross))
    let text = failureText { try AttentionFigure(cross, layer: 0, head: 0, style: .sentence) }
    #expect(text.contains("style") && text.contains("cross-attention"), "\(text)")
    #expect(throws: Never.self) { try AttentionFigure(cross, layer: 0, head: 0, style: .arcs) }
  }

  /// Reads the shade, 0…10, of each square of each small matrix from the paths.
  @Test func `small matrices have the shades of all heads`() throws {
    let map = try map()
    let figure = AttentionFigure(headsOf: map)
    let count = map.queries.count
    let frames = try elements("rect", of: figure).filter { $0["stroke-width"] == "0.5" }
    #expect(frames.count == map.layers.count * map.headCount)
    // The area of each shade over all heads, in squares.
    var areas: [Double: Double] = [:]
    for path in try elements("path", of: figure) {
      let shade = try #require(Double(path["fill-opacity"] ?? ""))
      for match in (path["d"] ?? "").matches(of: /h(\d+)v(\d+)/) {
        areas[shade, default: 0] +=
          (Double(match.output.1) ?? 0) * (Double(match.output.2) ?? 0)
          / (3_600 / Double(count * count))
      }
    }
    var expected: [Double: Double] = [:]
    for weight in map.layers.flatMap(\.scalars) {
      let shade = (Double(weight) * 10).rounded() / 10
      if shade > 0 { expected[shade, default: 0] += 1 }
    }
    #expect(areas.keys.sorted() == expected.keys.sorted())
    for (shade, area) in expected {
      // Squares differ by a pixel if 60 pixels are not a multiple of the tokens.
      #expect(abs((areas[shade] ?? 0) - area) <= 0.25 * area + 0.5, "\(shade)")
    }
  }
}
