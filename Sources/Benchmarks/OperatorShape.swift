import Attention

/// The shape of an attention call: `HxLxD`, optionally followed by `:keys=N` and the options of
/// ``Option``.
package struct OperatorShape: Hashable {
  /// An option of the operator, a suffix of the shape on the command line.
  package enum Option: String, CaseIterable, Hashable {
    case causal
    /// A random boolean mask, `[query, key]`, that keeps about three of four keys.
    case mask
    /// A random tensor, `[query, key]`, that is added to the scores.
    case bias
    /// The softcap `OperatorShape.softcap`.
    case softcap
    /// ALiBi with the published slopes.
    case alibi
  }

  /// The cap of the option `softcap`: the cap of Gemma 2.
  package static let softcap: Float = 50

  package let heads: Int
  package let queries: Int
  package let keys: Int
  package let headDimension: Int
  package let options: Set<Option>

  /// Parses a shape, or a sweep of shapes such as `12x64..8192x64`.
  package static func shapes(in text: Substring) throws -> [OperatorShape] {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var (options, keys): (Set<Option>, Int?) = ([], nil)
    for part in parts.dropFirst() {
      if let option = Option(rawValue: String(part)) {
        options.insert(option)
      } else if part.hasPrefix("keys="),
        let sizes = try? SizeList.sizes(in: part.dropFirst("keys=".count), count: 1, form: "N"),
        sizes.count == 1
      {
        keys = sizes[0][0]
      } else {
        let suffixes = Option.allCases.map { ":\($0.rawValue)" }.joined(separator: ", ")
        throw BenchError("expected \(suffixes) or :keys=N after HxLxD, got ':\(part)'")
      }
    }
    return try SizeList.sizes(in: parts[0], count: 3, form: "HxLxD").map { sizes in
      OperatorShape(
        heads: sizes[0], queries: sizes[1], keys: keys ?? sizes[1], headDimension: sizes[2],
        options: options)
    }
  }

  /// The options in the order of `Option`.
  package var sortedOptions: [Option] { Option.allCases.filter(options.contains) }

  /// The shape as on the command line.
  package var name: String {
    "\(heads)x\(queries)x\(headDimension)" + (keys == queries ? "" : ":keys=\(keys)")
      + sortedOptions.map { ":\($0.rawValue)" }.joined()
  }

  /// Whether this is a decoding step: one query reads all keys and values, with little arithmetic per
  /// byte.
  package var isDecoding: Bool { queries == 1 && keys > 1 }

  package var isCausal: Bool { options.contains(.causal) }

  /// The number of keys up to the last key that the causal mask keeps for a query. A boolean mask may
  /// hide some of these keys, but the operator computes their scores.
  package func visibleKeys(of query: Int) -> Int {
    isCausal ? min(max(query + 1 + keys - queries, 0), keys) : keys
  }

  /// 2 operations for each of QKᵀ and PV, per head, query-key pair and feature. A causal mask with equal
  /// numbers of queries and keys has half of the pairs. The other options do not count.
  package var operations: Double {
    let pairs =
      if isCausal && queries != keys {
        (0..<queries).reduce(0.0) { $0 + Double(visibleKeys(of: $1)) }
      } else {
        Double(queries) * Double(keys) / (isCausal ? 2 : 1)
      }
    return 4 * Double(heads) * pairs * Double(headDimension)
  }

  /// The size of keys and values in bytes.
  package var keyValueBytes: Double { 2 * 4 * Double(heads) * Double(keys) * Double(headDimension) }

  /// The default shapes, as in transformers: short and long, causal and not, each option of the
  /// operator, large head dimension, many heads, and one decoding step.
  package static let defaultShapes = [
    "12x128x64", "12x128x64:causal", "12x512x64", "12x512x64:causal", "12x512x64:mask",
    "12x512x64:bias", "12x512x64:softcap", "12x512x64:alibi", "96x128x64", "12x1024x64:causal",
    "12x2048x64", "8x4096x64", "32x1024x128", "32x1024x128:causal", "4x8192x64",
    "12x1x64:keys=1024",
  ]
}
