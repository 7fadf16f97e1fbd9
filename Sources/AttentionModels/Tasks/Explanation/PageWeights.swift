import Attention

/// The attention weights of a page: all of them for short texts; for long texts, those above a threshold.
struct PageWeights {
  /// Weights below this number are not stored; nil stores all.
  let threshold: Float?

  /// The bytes of all weights of a page.
  private static let byteLimit = 2_200_000
  /// A stored weight is a whole number of this fraction.
  private static let steps: Float = 65_535

  /// Chooses the threshold so that the weights of all maps fit.
  init(_ maps: [AttentionMap]) {
    let all = maps.reduce(0) { $0 + $1.layers.reduce(0) { $0 + $1.count } }
    guard 4 * all > Self.byteLimit else {
      threshold = nil
      return
    }
    let rows = maps.reduce(0) { $0 + $1.layers.reduce(0) { $0 + $1.shape[0] * $1.shape[1] } }
    // Each row has a count of two bytes, each weight a key and a value of two bytes.
    let room = max((Self.byteLimit - 2 * rows) / 4, 0)
    var counts = [Int](repeating: 0, count: Int(Self.steps) + 1)
    for layer in maps.lazy.flatMap(\.layers) {
      layer.withSpan { weights in
        for index in weights.indices { counts[Self.code(weights[index])] += 1 }
      }
    }
    var (code, total) = (counts.count, 0)
    while code > 1, total + counts[code - 1] <= room {
      code -= 1
      total += counts[code]
    }
    threshold = Float(min(code, Int(Self.steps))) / Self.steps
  }

  private static func code(_ weight: Float) -> Int {
    Int((min(max(weight, 0), 1) * steps).rounded())
  }

  /// The weights of a map in the format of the page.
  func json(_ map: AttentionMap) -> String {
    guard let threshold else {
      let scalars = map.layers.flatMap(\.scalars)
      return JSONText.object([
        "type": JSONText.string("dense"), "data": JSONText.string(scalars.base64),
      ])
    }
    let least = Self.code(threshold)
    var (counts, keys, values) = ([UInt16](), [UInt16](), [UInt16]())
    for layer in map.layers {
      let keyCount = layer.shape[2]
      layer.withSpan { weights in
        for row in 0..<layer.shape[0] * layer.shape[1] {
          let before = keys.count
          for key in 0..<keyCount {
            let code = Self.code(weights[row * keyCount + key])
            guard code >= least else { continue }
            keys.append(UInt16(truncatingIfNeeded: key))
            values.append(UInt16(truncatingIfNeeded: code))
          }
          counts.append(UInt16(truncatingIfNeeded: keys.count - before))
        }
      }
    }
    return JSONText.object([
      "type": JSONText.string("sparse"), "threshold": JSONText.number(threshold),
      "counts": JSONText.string(counts.base64), "keys": JSONText.string(keys.base64),
      "values": JSONText.string(values.base64),
    ])
  }
}
