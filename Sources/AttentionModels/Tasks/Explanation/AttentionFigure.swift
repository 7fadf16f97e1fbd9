import Attention

/// A figure of one head, or of the mean over the heads of a layer, as SVG: text is text, and the bytes depend only on
/// the weights.
///
/// ```swift
/// let figure = try AttentionFigure(explanation.maps[0], layer: 5, head: 11, style: .arcs)
/// try figure.svg.write(toFile: "figure.svg", atomically: true, encoding: .utf8)
/// ```
public struct AttentionFigure: Sendable {
  /// How weights are drawn.
  public enum Style: String, Sendable, Hashable, CaseIterable {
    /// A square for each query token (row) and key token (column); darker squares are larger weights.
    case matrix
    /// A line from each query token on the left to each key token on the right; stronger lines are larger weights.
    case arcs
  }

  /// The figure.
  public let svg: String

  /// - Parameters:
  ///   - map: the weights.
  ///   - layer: the layer, from 0.
  ///   - head: the head in the layer, from 0; nil for the mean over all heads.
  ///   - style: how weights are drawn.
  /// - Throws: `AttentionError.argument` for a layer or head that does not exist.
  public init(
    _ map: AttentionMap, layer: Int, head: Int? = nil, style: Style = .matrix
  ) throws {
    let weights = try map.weights(layer: layer, head: head)
    let drawing = FigureDrawing(
      weights: weights, queries: map.queries.figureLabels, keys: map.keys.figureLabels,
      title: "\(map.kind.figureName), layer \(layer), "
        + (head.map { "head \($0)" } ?? "mean over \(map.headCount) heads"))
    svg = style == .matrix ? drawing.matrix : drawing.arcs
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
