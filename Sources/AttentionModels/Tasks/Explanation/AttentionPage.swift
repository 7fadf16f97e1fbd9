import Attention
import AttentionCore

/// A page that shows what every head of a model attends to: one HTML file without references to others, which a
/// browser opens from disk or an app serves.
///
/// ```swift
/// var options = ExplanationOptions()
/// options.includesSteps = true
/// let explanation = try explainer.explain("The cat sat because it was tired.", options: options)
/// let page = try AttentionPage(explanation, title: "all-MiniLM-L6-v2")
/// try page.html.write(toFile: "page.html", atomically: true, encoding: .utf8)
/// ```
///
/// The page has the text, whose words show what they attend to; all heads side by side; one head as a matrix and as
/// arcs; the numbers of each step from q·k to the weighted sum; a map of the tokens' vectors; and the next tokens that
/// each layer of a decoder would choose. With ``ExplanationOptions/includesSteps`` off, the page has only the weights.
///
/// A page has at most about 5 MB. For long texts, small weights are left out, and the page says which; the steps are
/// stored for some heads.
public struct AttentionPage: Sendable {
  /// The whole page.
  public let html: String

  /// - Parameters:
  ///   - explanation: the weights, with one entry per head.
  ///   - title: the name of the model.
  ///   - head: the head whose steps are stored in any case, of the first map; nil for none.
  /// - Throws: `AttentionError.argument` for a layer or head that does not exist; `AttentionError.memory`.
  public init(
    _ explanation: AttentionExplanation, title: String, head: (layer: Int, head: Int)? = nil
  ) throws {
    if let head { try explanation.maps[0].requireHead(head.head, ofLayer: head.layer) }
    let data = try Self.data(explanation, title: title, head: head)
    html = Self.template.page(title: title, data: data)
  }

  private static func data(
    _ explanation: AttentionExplanation, title: String, head: (layer: Int, head: Int)?
  ) throws -> String {
    var sides = [("input", explanation.input)]
    if let output = explanation.output, let decoder = explanation.map(.decoder) {
      sides += [("output", output), ("read by the decoder", decoder.queries)]
    }
    let weights = PageWeights(explanation.maps)
    let maps = try explanation.maps.enumerated().map { index, map in
      try Cancellation.check()
      let steps = PageSteps(
        map, first: index == 0 ? head : nil, share: 1 / Double(explanation.maps.count))
      return JSONText.object([
        "kind": JSONText.string(map.kind.rawValue),
        "queries": map.kind == .cross ? "1" : map.kind == .encoder ? "0" : "\(sides.count - 1)",
        "keys": map.kind == .decoder ? "\(sides.count - 1)" : "0",
        "layers": "\(map.layers.count)", "heads": "\(map.headCount)",
        "isCausal": "\(map.isCausal)", "weights": weights.json(map),
        "figures": try figures(map), "steps": steps.json,
      ])
    }
    return JSONText.object([
      "format": "1", "title": JSONText.string(title),
      "generator": JSONText.string("swift-attention"),
      "sides": JSONText.array(sides.map { side($0, $1) }), "maps": JSONText.array(maps),
      "states": JSONText.array(
        try explanation.contextualVectors.enumerated().map {
          try PageStates($1).json(side: $0 == 0 ? 0 : sides.count - 1)
        }),
      "readout": explanation.readout.map { readout($0, side: sides.count - 1) } ?? "null",
    ])
  }

  private static func side(_ name: String, _ text: TokenizedText) -> String {
    JSONText.object([
      "name": JSONText.string(name), "texts": JSONText.array(text.texts.map(JSONText.string)),
      "tokens": JSONText.array(text.tokens.map(JSONText.string)),
      "shown": JSONText.array(
        text.tokens.indices.map { JSONText.string(text.original($0..<$0 + 1)) }),
      "text": JSONText.array(text.textIndices.map { "\($0 ?? -1)" }),
      "offsets": JSONText.array(text.offsets.map { "[\($0.lowerBound), \($0.upperBound)]" }),
      "special": JSONText.array(text.isSpecial.map { "\($0)" }),
      "words": JSONText.array(text.words.map { "[\($0.lowerBound), \($0.upperBound)]" }),
    ])
  }

  private static func figures(_ map: AttentionMap) throws -> String {
    let figures = try Workers.map(
      map.layers.indices.flatMap { layer in (0..<map.headCount).map { (layer, $0) } }, chunk: 1
    ) { _, place in try HeadFigures(map, layer: place.0, head: place.1) }
    func json(_ values: [Float?]) -> String {
      let numbers = values.compactMap(\.self)
      return numbers.count == values.count && !numbers.isEmpty
        ? JSONText.string(numbers.base64) : "null"
    }
    return JSONText.object([
      "entropy": json(figures.map(\.entropy)), "distance": json(figures.map(\.distance)),
      "special": json(figures.map(\.specialShare)), "rank": json(figures.map(\.effectiveRank)),
    ])
  }

  private static func readout(_ readout: NextTokenReadout, side: Int) -> String {
    let ids = readout.texts.keys.sorted()
    let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, UInt32($0)) })
    let choices = readout.layers.joined().joined()
    return JSONText.object([
      "side": "\(side)", "layers": "\(readout.layers.count)",
      "count": "\(readout.layers.first?.first?.count ?? 0)",
      "tokens": JSONText.array(ids.map { JSONText.string(readout.texts[$0] ?? "") }),
      "choices": JSONText.string(choices.map { places[$0.id] ?? 0 }.base64),
      "probabilities": JSONText.string(choices.map(\.probability).base64),
    ])
  }
}
