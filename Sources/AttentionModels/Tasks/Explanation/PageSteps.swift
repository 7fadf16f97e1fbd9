import Attention

/// Q, K and V of the heads of a page: of all heads for short texts; for long texts, of as many as fit.
struct PageSteps {
  /// The bytes of the steps of a page.
  private static let byteLimit = 1_100_000

  private struct Head: Hashable {
    let layer: Int
    let head: Int
  }

  let map: AttentionMap
  private let heads: [Head]

  /// - Parameters:
  ///   - first: the head that is stored before all others.
  ///   - share: the part of the limit that this map may use.
  init(_ map: AttentionMap, first: (layer: Int, head: Int)?, share: Double) {
    self.map = map
    let all = map.steps.indices.flatMap { layer in
      (0..<map.steps[layer].queries.shape[1]).map { Head(layer: layer, head: $0) }
    }
    let wanted = first.map { Head(layer: $0.layer, head: $0.head) }.flatMap {
      all.contains($0) ? $0 : nil
    }
    var room = Int(Double(Self.byteLimit) * share)
    if all.reduce(0, { $0 + Self.byteCount(map, $1.layer) }) <= room {
      heads = all
      return
    }
    let strength = Dictionary(
      uniqueKeysWithValues: all.map { ($0, Self.strongestWeight(map, $0)) })
    let sorted = all.stablySorted(by: { strength[$0] ?? 0 }, >)
    // The requested head is stored in any case.
    var heads = wanted.map { [$0] } ?? []
    for head in sorted where head != wanted {
      room -= Self.byteCount(map, head.layer)
      guard room >= 0 else { break }
      heads.append(head)
    }
    self.heads = heads
  }

  /// The bytes of a head that shares its keys and values with no other.
  private static func byteCount(_ map: AttentionMap, _ layer: Int) -> Int {
    let steps = map.steps[layer]
    let (dk, dv) = (steps.queries.shape[2], steps.values.shape[2])
    return 4 * (map.queries.count * (dk + 1) + map.keys.count * (dk + dv))
  }

  /// The largest weight between two tokens that are neither special nor neighbors.
  private static func strongestWeight(_ map: AttentionMap, _ head: Head) -> Float {
    let weights = map.layers[head.layer]
    let (Q, K) = (weights.shape[1], weights.shape[2])
    guard head.head < weights.shape[0] else { return 0 }
    return weights.withSpan { weights in
      var strongest: Float = 0
      for i in 0..<Q where !map.queries.isSpecial[i] {
        for j in 0..<K
        where !map.keys.isSpecial[j] && (map.kind == .cross || abs(i - j) > 1) {
          strongest = max(strongest, weights[(head.head * Q + i) * K + j])
        }
      }
      return strongest
    }
  }

  /// The steps in the format of the page; `null` without steps.
  var json: String {
    guard !heads.isEmpty else { return "null" }
    var (queries, keys, values, sums) = ([Float](), [Float](), [Float](), [Float]())
    var keyHeads: [Int] = []
    var groups: [Head: Int] = [:]
    for head in heads {
      let steps = map.steps[head.layer]
      let headCount = steps.queries.shape[1]
      queries += steps.queries.head(head.head)
      let Q = map.queries.count
      sums += steps.logSumExp.scalars[head.head * Q..<(head.head + 1) * Q]
      let group = Head(layer: head.layer, head: head.head * steps.keys.shape[1] / headCount)
      if groups[group] == nil {
        groups[group] = groups.count
        keys += steps.keys.head(group.head)
        values += steps.values.head(group.head)
      }
      keyHeads.append(groups[group] ?? 0)
    }
    let first = map.steps[heads[0].layer]
    return JSONText.object([
      "heads": JSONText.array(heads.map { "[\($0.layer), \($0.head)]" }),
      "keyDimension": "\(first.keys.shape[2])", "valueDimension": "\(first.values.shape[2])",
      "scale": JSONText.array(heads.map { JSONText.number(map.steps[$0.layer].scale) }),
      "softcap": JSONText.array(
        heads.map { map.steps[$0.layer].softcap.map(JSONText.number) ?? "null" }),
      "keyHeads": JSONText.array(keyHeads.map { "\($0)" }),
      "queries": JSONText.string(queries.base64), "keys": JSONText.string(keys.base64),
      "values": JSONText.string(values.base64), "logSumExp": JSONText.string(sums.base64),
    ])
  }
}

extension Tensor {
  /// The rows of one head of `[token, head, dimension]`.
  fileprivate func head(_ head: Int) -> [Float] {
    let (H, D) = (shape[1], shape[2])
    return withSpan { scalars in
      (0..<shape[0]).flatMap { token in
        (0..<D).map { scalars[(token * H + head) * D + $0] }
      }
    }
  }
}
