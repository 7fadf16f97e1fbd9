import Attention
import AttentionModels

extension ExplanationReport {
  /// The tokens and the weights of the chosen layers and heads. In cross-attention, the tokens that are attended to
  /// are in `keys`.
  func json(model: String) -> String {
    let weights = layers.map { index in
      let layer = map.layers[index]
      let (heads, queries, keys) = (layer.shape[0], layer.shape[1], layer.shape[2])
      let scalars = layer.scalars
      return JSONText.array(
        (head.map { [$0] } ?? Array(0..<heads)).map { head in
          JSONText.array(
            (0..<queries).map { query in
              let start = (head * queries + query) * keys
              return JSONText.array(scalars[start..<start + keys].map(JSONText.number))
            })
        })
    }
    var members = [
      ("model", JSONText.string(model)), ("attention", JSONText.string(map.kind.rawValue)),
    ]
    members += Self.members(of: map.queries)
    if map.kind == .cross { members.append(("keys", JSONText.object(Self.members(of: map.keys)))) }
    members += [
      ("layers", JSONText.array(layers.map { "\($0)" })),
      ("heads", JSONText.array((head.map { [$0] } ?? Array(0..<map.headCount)).map { "\($0)" })),
      ("weights", JSONText.array(weights)),
    ]
    return JSONText.object(members)
  }

  private static func members(of text: TokenizedText) -> [(key: String, value: String)] {
    var members = [("text", JSONText.string(text.texts[0]))]
    if text.texts.count > 1 { members.append(("pair", JSONText.string(text.texts[1]))) }
    members += [
      ("tokens", JSONText.array(text.tokens.map(JSONText.string))),
      ("ids", JSONText.array(text.ids.map { "\($0)" })),
      ("offsets", JSONText.array(text.offsets.map { "[\($0.lowerBound), \($0.upperBound)]" })),
    ]
    return members.map { (key: $0.0, value: $0.1) }
  }
}
