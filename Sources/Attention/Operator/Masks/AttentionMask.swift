/// Which keys each query may attend to.
///
/// Every mask can be combined with every other; a key is attended to only if all of them keep it.
/// Throughout, true means "may attend". A query that may attend to nothing gets zeros.
///
/// ```swift
/// let mask = AttentionMask.causal.intersection(.keys(isWord))
/// ```
///
/// Legend: i counts the queries of a sequence, j its keys, both from 0; p is the query's position
/// among the keys: p = i + (keys − queries) for ``Alignment/bottomRight``, p = i for
/// ``Alignment/topLeft``.
///
/// Masks are checked where they are used: the operator throws an ``AttentionError`` that names
/// "mask", "window" or "prefix" for one that does not fit the queries and keys. <doc:Masks> has
/// pictures.
public struct AttentionMask: Sendable {
  /// Where the diagonal of a causal mask lies when there are more keys than queries, or fewer.
  public enum Alignment: String, Sendable, Hashable, CaseIterable {
    /// The last query stands at the last key: what decoding with earlier keys needs.
    case bottomRight = "bottom-right"
    /// The first query stands at the first key.
    case topLeft = "top-left"
  }

  /// A rule that keeps a run of keys for each query, and so needs no memory.
  enum Rule: Sendable {
    case causal(Alignment)
    case window(left: Int?, right: Int?, Alignment)
    case prefix(Int, Alignment)
  }

  var rules: [Rule] = []
  var booleans: [BooleanTensor] = []
  var keys: [[Bool]] = []

  /// Every query attends to every key.
  public static let none = AttentionMask()

  /// Query i attends to the keys up to its own position, j ≤ i + (keys − queries), so the last
  /// query to all of them.
  ///
  /// - Source: Vaswani et al. 2017, section 3.2.3.
  public static let causal = causal(alignment: .bottomRight)

  /// Query i attends to the keys up to its own position, j ≤ p.
  ///
  /// - Parameter alignment: where the diagonal lies: j ≤ i + (keys − queries) for `.bottomRight`, j
  ///   ≤ i for `.topLeft`.
  /// - Source: Vaswani et al. 2017, section 3.2.3.
  public static func causal(alignment: Alignment) -> AttentionMask {
    AttentionMask(rules: [.causal(alignment)])
  }

  /// Query i attends to the keys from `left` behind its own position to `right` ahead of it:
  /// p − left ≤ j ≤ p + right.
  ///
  /// - Parameters:
  ///   - left: how far it sees back, at least 0; nil means to the first key.
  ///   - right: how far it sees ahead, at least 0; nil means to the last key.
  ///   - alignment: where the diagonal lies.
  /// - Source: Beltagy, Peters & Cohan 2020 (sliding window).
  public static func window(
    left: Int?, right: Int?, alignment: Alignment = .bottomRight
  ) -> AttentionMask {
    AttentionMask(rules: [.window(left: left, right: right, alignment)])
  }

  /// Every query attends to the first `count` keys; beyond them the mask is causal: j < count or j
  /// ≤ p.
  ///
  /// - Parameters:
  ///   - count: how many keys everyone sees, at least 0.
  ///   - alignment: where the diagonal lies.
  /// - Source: Raffel et al. 2020, section 3.2.1 (prefix language model).
  public static func prefix(_ count: Int, alignment: Alignment = .bottomRight) -> AttentionMask {
    AttentionMask(rules: [.prefix(count, alignment)])
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

  /// How many keys a query can see up to its own position, itself included; nil for all.
  var reach: Int? {
    rules.compactMap { rule in
      guard case .window(let left?, _, _) = rule, left >= 0, left < Int.max else { return nil }
      return left + 1
    }.min()
  }

  /// Checks every part against the operator's sizes.
  ///
  /// - Throws: `AttentionError.shape` or `.argument` naming "mask" with both shapes, "window" or
  ///   "prefix".
  func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {
    for rule in rules {
      switch rule {
      case .causal: break
      case .window(let left, let right, _):
        if let negative = [left, right].compactMap(\.self).first(where: { $0 < 0 }) {
          throw AttentionError.argument("window", reason: "negative reach \(negative)")
        }
      case .prefix(let count, _):
        guard count >= 0 else {
          throw AttentionError.argument("prefix", reason: "negative length \(count)")
        }
      }
    }
    for keep in booleans {
      try requirePlanes(
        keep.shape, name: "mask", headCount: headCount, queryCount: queryCount,
        keyCount: keyCount)
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
    func position(_ alignment: AttentionMask.Alignment) -> Int {
      alignment == .bottomRight ? query + keyCount - queryCount : query
    }
    switch self {
    case .causal(let alignment):
      return 0..<max(0, position(alignment) + 1)
    case .window(let left, let right, let alignment):
      let position = position(alignment)
      // A reach beyond all keys is as good as one to the end, and cannot overflow.
      let reach = queryCount + keyCount
      let start = max(0, position - min(left ?? reach, reach))
      let end = max(0, position + min(right ?? reach, reach) + 1)
      return start..<max(start, end)
    case .prefix(let count, let alignment):
      return 0..<max(count, position(alignment) + 1, 0)
    }
  }
}
