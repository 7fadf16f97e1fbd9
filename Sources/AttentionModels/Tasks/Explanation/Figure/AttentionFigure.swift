import Attention

/// A figure of attention weights for a paper or a page, as SVG: text is text, and the bytes depend only on the weights.
///
/// ```swift
/// let map = explanation.maps[0]
/// let it = map.queries.occurrences(of: "it")
/// let figure = try AttentionFigure(
///   map, layer: 5, head: 11, style: .sentence, emphasizing: it)
/// try figure.svg.write(toFile: "figure.svg", atomically: true, encoding: .utf8)
/// ```
public struct AttentionFigure: Sendable {
  /// How the weights of one head are drawn.
  public enum Style: String, Sendable, Hashable, CaseIterable {
    /// A square for each query token (row) and key token (column); darker squares are larger weights.
    case matrix
    /// A line from each query token on the left to each key token on the right; stronger lines are larger weights.
    case arcs
    /// An arc above the text from each word to each word that it attends to. The text has one line, so this style is
    /// for short texts, and only for self-attention. Special tokens, and weights below 0.07, are left out.
    case sentence
  }

  /// The colors of a figure.
  public enum Theme: String, Sendable, Hashable, CaseIterable {
    /// Dark ink on white.
    case light
    /// Light ink for a dark page, without a background.
    case dark
  }

  /// The figure.
  public let svg: String

  /// Draws one head, or the mean over the heads of a layer.
  ///
  /// - Parameters:
  ///   - map: the weights.
  ///   - layer: the layer, from 0.
  ///   - head: the head in the layer, from 0; nil for the mean over all heads.
  ///   - style: how weights are drawn.
  ///   - words: the words of ``AttentionMap/queries`` whose weights are drawn in another color.
  ///   - theme: the colors.
  /// - Throws: `AttentionError.argument` for a layer or head that does not exist, and for the style ``Style/sentence``
  ///   of cross-attention.
  public init(
    _ map: AttentionMap, layer: Int, head: Int? = nil, style: Style = .matrix,
    emphasizing words: [Range<Int>] = [], theme: Theme = .light
  ) throws {
    let weights = try map.weights(layer: layer, head: head)
    let title =
      "\(map.kind.figureName), layer \(layer), "
      + (head.map { "head \($0)" } ?? "mean over \(map.headCount) heads")
    var canvas = FigureCanvas(title: title, theme: theme)
    let emphasized = Set(words.joined())
    switch style {
    case .matrix:
      canvas.drawMatrix(
        weights, queries: map.queries.figureLabels, keys: map.keys.figureLabels,
        emphasized: emphasized)
    case .arcs:
      canvas.drawArcs(
        weights, queries: map.queries.figureLabels, keys: map.keys.figureLabels,
        emphasized: emphasized)
    case .sentence:
      guard map.kind != .cross else {
        throw AttentionError.argument(
          "style", reason: "sentence draws self-attention; arcs and matrix draw cross-attention")
      }
      canvas.drawSentence(weights, of: map.queries, emphasized: emphasized)
    }
    svg = canvas.svg
  }

  /// Draws all heads: a small matrix for each layer (row) and head (column). Of texts with more than 48 tokens, a
  /// square is the largest weight of several tokens.
  ///
  /// - Parameters:
  ///   - map: the weights.
  ///   - theme: the colors.
  public init(headsOf map: AttentionMap, theme: Theme = .light) {
    var canvas = FigureCanvas(
      title: "\(map.kind.figureName), \(map.layers.count) layers × \(map.headCount) heads",
      theme: theme)
    canvas.drawHeads(map.layers)
    svg = canvas.svg
  }
}

extension AttentionMap.Kind {
  fileprivate var figureName: String {
    switch self {
    case .encoder: "Encoder self-attention"
    case .decoder: "Decoder self-attention"
    case .cross: "Cross-attention"
    }
  }
}

extension TokenizedText {
  /// The text of each token, or its name in the vocabulary.
  fileprivate var figureLabels: [String] {
    tokens.indices.map { index in
      let text = spelling(of: index..<index + 1)
      return text.isEmpty ? tokens[index] : text
    }
  }
}
