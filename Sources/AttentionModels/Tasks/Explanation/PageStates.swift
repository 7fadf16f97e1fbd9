import Attention

/// The contextual vectors of a page: their first two principal components in every layer.
struct PageStates {
  private let points: [Float]
  private let explained: [Float]
  private let layerCount: Int

  /// The largest number of vectors from which the components are computed.
  private static let fitLimit = 1_500

  /// Projects the vectors of all layers, scaled to length 1, on the same two components, so that a word's way through
  /// the layers can be followed.
  init(_ states: ContextualVectors) throws {
    layerCount = states.layers.count
    let vectors = try states.layers.map { try $0.rowsOfLengthOne() }
    let all = vectors.flatMap { vectors in (0..<vectors.shape[0]).map { vectors.row($0) } }
    let stride = max(1, (all.count + Self.fitLimit - 1) / Self.fitLimit)
    let components = try PrincipalComponents(
      of: Tensor(rows: all.enumerated().filter { $0.offset % stride == 0 }.map(\.element)), count: 2
    )
    points = try components.coordinates(of: Tensor(rows: all), count: 2).scalars
    explained = components.explained
  }

  func json(side: Int) -> String {
    JSONText.object([
      "side": "\(side)", "layers": "\(layerCount)", "points": JSONText.string(points.base64),
      "explained": JSONText.array(explained.map(JSONText.number)),
    ])
  }
}

extension Tensor {
  /// The rows divided by their lengths.
  fileprivate func rowsOfLengthOne() throws -> Tensor {
    try Tensor(
      rows: (0..<shape[0]).map { index in
        let row = row(index)
        let length = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return length > 0 ? row.map { Float(Double($0) / length) } : row
      })
  }
}
