/// Which keys each query may attend to.
///
/// Masks can be combined freely; a key is visible only if all of them keep it. In all masks, true
/// means "may attend". The output of a query without visible keys is zeros.
///
/// ```swift
/// let mask = AttentionMask.causal.intersection(.keys(isWord))
/// ```
///
/// Legend: i counts the queries of a sequence and j its keys, both from 0. p is the position of
/// query i among the keys: p = i + (keys − queries) for ``Alignment/bottomRight``, p = i for
/// ``Alignment/topLeft``.
///
/// The operator validates masks and throws an ``AttentionError`` that names "mask", "window" or
/// "prefix" if one does not fit the queries and keys. <doc:Masks> has pictures.
public struct AttentionMask: Sendable {
  /// The alignment of queries and keys if their numbers differ: where the diagonal of a mask is.
  public enum Alignment: String, Sendable, Hashable, CaseIterable {
    /// The last query is aligned with the last key. Decoding with cached keys needs this alignment.
    case bottomRight = "bottom-right"
    /// The first query is aligned with the first key.
    case topLeft = "top-left"
  }

  /// A rule that keeps a range of keys for each query, and therefore needs no memory.
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

  /// Query i attends to the keys up to its position, j ≤ i + (keys − queries), and the last query
  /// to all keys.
  ///
  /// - Source: Vaswani et al. 2017, section 3.2.3.
  public static let causal = causal(alignment: .bottomRight)

  /// Query i attends to the keys up to its position, j ≤ p.
  ///
  /// - Parameter alignment: where the diagonal is: j ≤ i + (keys − queries) for `.bottomRight`,
  ///   j ≤ i for `.topLeft`.
  /// - Source: Vaswani et al. 2017, section 3.2.3.
  public static func causal(alignment: Alignment) -> AttentionMask {
    AttentionMask(rules: [.causal(alignment)])
  }

  /// Query i attends to the keys from `left` positions before its own to `right` positions after:
  /// p − left ≤ j ≤ p + right.
  ///
  /// - Parameters:
  ///   - left: the number of visible keys before the position, at least 0; nil means all.
  ///   - right: the number of visible keys after the position, at least 0; nil means all.
  ///   - alignment: where the diagonal is.
  /// - Source: Beltagy, Peters & Cohan 2020 (sliding window).
  public static func window(
    left: Int?, right: Int?, alignment: Alignment = .bottomRight
  ) -> AttentionMask {
    AttentionMask(rules: [.window(left: left, right: right, alignment)])
  }

  /// Every query attends to the first `count` keys; for the other keys the mask is causal:
  /// j < count or j ≤ p.
  ///
  /// - Parameters:
  ///   - count: the number of keys that every query attends to, at least 0.
  ///   - alignment: where the diagonal is.
  /// - Source: Raffel et al. 2020, section 3.2.1 (prefix language model).
  public static func prefix(_ count: Int, alignment: Alignment = .bottomRight) -> AttentionMask {
    AttentionMask(rules: [.prefix(count, alignment)])
  }

  /// Query i attends to key j if `keep` is true at [i, j].
  ///
  /// - Parameter keep: `[query token, key token]` for all heads, or
  ///   `[head or 1, query token, key token]`. With packed sequences, tokens are counted over all
  ///   sequences.
  public static func keeping(_ keep: BooleanTensor) -> AttentionMask {
    AttentionMask(booleans: [keep])
  }

  /// Every query attends only to the keys at which `keep` is true. Use it to hide padding.
  ///
  /// - Parameter keep: one value per key token, over all packed sequences.
  public static func keys(_ keep: [Bool]) -> AttentionMask {
    AttentionMask(keys: [keep])
  }

  /// The mask that keeps a key only if both masks keep it.
  public func intersection(_ other: AttentionMask) -> AttentionMask {
    AttentionMask(
      rules: rules + other.rules, booleans: booleans + other.booleans, keys: keys + other.keys)
  }

  /// Whether no query attends to keys after its position, because of a rule.
  var isCausal: Bool {
    rules.contains { rule in
      switch rule {
      case .causal: true
      case .window(_, let right, _): right == 0
      case .prefix: false
      }
    }
  }

  /// The number of keys that a query can attend to up to and including its position; nil for all.
  var reach: Int? {
    rules.compactMap { rule in
      guard case .window(let left?, _, _) = rule, left >= 0, left < Int.max else { return nil }
      return left + 1
    }.min()
  }

  /// Validates every part of the mask against the operator's sizes.
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
        "mask", reason: "expected \(keyCount) values, one per key token, got \(keep.count)")
    }
  }
}

extension AttentionMask.Rule {
  /// The range of keys that a query keeps. The bounds may be outside of the keys. Neither decreases
  /// as `query` increases.
  func keptKeys(query: Int, queryCount: Int, keyCount: Int) -> Range<Int> {
    func position(_ alignment: AttentionMask.Alignment) -> Int {
      alignment == .bottomRight ? query + keyCount - queryCount : query
    }
    switch self {
    case .causal(let alignment):
      return 0..<max(0, position(alignment) + 1)
    case .window(let left, let right, let alignment):
      let position = position(alignment)
      // Clamping to the number of all tokens does not change the result and prevents overflow.
      let reach = queryCount + keyCount
      let start = max(0, position - min(left ?? reach, reach))
      let end = max(0, position + min(right ?? reach, reach) + 1)
      return start..<max(start, end)
    case .prefix(let count, let alignment):
      return 0..<max(count, position(alignment) + 1, 0)
    }
  }
}
