/// Which keys each query may attend to.
///
/// Every mask can be combined with every other; a key is attended to only if all of them keep it.
/// Throughout, true means "may attend". A query that may attend to nothing gets zeros.
///
/// ```swift
/// let mask = AttentionMask.causal.intersection(.keys(isWord))
/// ```
public struct AttentionMask: Sendable {
  /// Where the diagonal of a causal mask lies when there are more keys than queries, or fewer.
  public enum Alignment: String, Sendable, Hashable, CaseIterable {
    /// The last query sees the last key: what decoding with earlier keys needs.
    case bottomRight = "bottom-right"
    /// The first query sees the first key only.
    case topLeft = "top-left"
  }

  /// A rule that keeps a run of keys for each query, and so needs no memory.
  enum Rule: Sendable {
    case causal(Alignment)
  }

  var rules: [Rule] = []
  var booleans: [BooleanTensor] = []
  var keys: [[Bool]] = []

  /// Every query attends to every key.
  public static let none = AttentionMask()

  /// Query i attends to the keys up to its own position, the last query to all of them.
  public static let causal = causal(alignment: .bottomRight)

  /// Query i attends to the keys up to its own position: j ≤ i + (keys − queries) for
  /// `.bottomRight`, j ≤ i for `.topLeft`.
  public static func causal(alignment: Alignment) -> AttentionMask {
    AttentionMask(rules: [.causal(alignment)])
  }

  /// Query i attends to key j where `keep` is true at [i, j].
  ///
  /// - Parameter keep: `[query token, key token]` for all heads, or `[head or 1, query token, key
  ///   token]`. With packed sequences, tokens are counted over all of them.
  public static func keeping(_ keep: BooleanTensor) -> AttentionMask {
    AttentionMask(booleans: [keep])
  }

  /// Every query attends to the keys where `keep` is true: what hides padding.
  ///
  /// - Parameter keep: one value a key token; with packed sequences, over all of them.
  public static func keys(_ keep: [Bool]) -> AttentionMask {
    AttentionMask(keys: [keep])
  }

  /// The mask that keeps what both keep.
  public func intersection(_ other: AttentionMask) -> AttentionMask {
    AttentionMask(
      rules: rules + other.rules, booleans: booleans + other.booleans, keys: keys + other.keys)
  }

  /// Checks every part against the operator's sizes.
  ///
  /// - Throws: `AttentionError.shape` or `.argument` naming "mask" with both shapes.
  func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {
    for keep in booleans {
      let expected: [Shape] = [
        [queryCount, keyCount], [1, queryCount, keyCount], [headCount, queryCount, keyCount],
      ]
      guard expected.contains(keep.shape) else {
        throw AttentionError.shape(
          argument: "mask",
          expected: "\(expected[0]) or [\(headCount) or 1, \(queryCount), \(keyCount)]",
          got: keep.shape)
      }
    }
    for keep in keys where keep.count != keyCount {
      throw AttentionError.argument(
        "mask", reason: "expected \(keyCount) values, one a key token, got \(keep.count)")
    }
  }
}

extension AttentionMask.Rule {
  /// The run of keys that a query keeps; bounds may lie outside the keys, and never decrease with
  /// the query.
  func keptKeys(query: Int, queryCount: Int, keyCount: Int) -> Range<Int> {
    switch self {
    case .causal(.bottomRight): 0..<max(0, query + keyCount - queryCount + 1)
    case .causal(.topLeft): 0..<query + 1
    }
  }
}
