/// Case-insensitive equality of scalars, for patterns with `(?i)`.
///
/// - Source: Unicode's CaseFolding.txt, in the version of Oniguruma in Hugging Face tokenizers.
enum CaseFolding {
  /// Maps each scalar that equals a smaller one to the smallest one.
  private static let first: [UInt32: UInt32] = Dictionary(
    UnicodeTableReader.deltas(UnicodeFoldingTables.folding).map { ($0.0, $0.1[0]) },
    uniquingKeysWith: { first, _ in first })

  private static let members: [UInt32: [UInt32]] = {
    var result: [UInt32: [UInt32]] = [:]
    for (scalar, first) in first { result[first, default: [first]].append(scalar) }
    return result
  }()

  /// Scalars that equal a sequence of scalars, such as "ß" and "ss".
  private static let expansions: [(scalar: UInt32, parts: [UInt32])] = UnicodeTableReader.mappings(
    UnicodeFoldingTables.expansions)

  /// All scalars that equal `scalar`, including itself.
  static func equals(of scalar: UInt32) -> ScalarSet {
    ScalarSet(members[first[scalar] ?? scalar] ?? [scalar])
  }

  /// The set, extended by all scalars that equal a member.
  static func closure(of set: ScalarSet) -> ScalarSet {
    var added: [UInt32] = []
    for (first, equals) in members where ([first] + equals).contains(where: set.contains) {
      added += equals
    }
    return added.isEmpty ? set : set.union(ScalarSet(added))
  }

  /// The sequences of scalars that equal a member of the set.
  static func sequences(equalToMembersOf set: ScalarSet) -> [[ScalarSet]] {
    var result: [[ScalarSet]] = []
    for (scalar, parts) in expansions where set.contains(scalar) {
      let sets = parts.map(equals(of:))
      if !result.contains(sets) { result.append(sets) }
    }
    return result
  }

  /// The single scalars that equal a prefix of `scalars`, and the length of that prefix.
  static func expansions(startingAt scalars: ArraySlice<UInt32>) -> [(set: ScalarSet, count: Int)] {
    var result: [Int: [UInt32]] = [:]
    for (scalar, parts) in expansions where parts.count <= scalars.count {
      let isEqual = zip(parts, scalars).allSatisfy { equals(of: $0).contains($1) }
      if isEqual { result[parts.count, default: []].append(scalar) }
    }
    return result.map { (closure(of: ScalarSet($0.value)), $0.key) }
  }
}

extension CaseFolding {
  /// Nodes that match a string with `(?i)`, including scalars that equal a sequence.
  static func nodes(matching scalars: [UInt32]) throws(PatternError) -> [PatternNode] {
    var result: [PatternNode] = []
    var index = 0
    while index < scalars.count {
      // Find the part from here on in which expansions overlap.
      var end = index + 1
      var position = index
      while position < end {
        let counts = expansions(startingAt: scalars[position...]).map(\.count)
        end = max(end, position + (counts.max() ?? 1))
        position += 1
      }
      guard end - index <= 6 else {
        throw PatternError(reason: "too many case variants of a string under (?i)")
      }
      result.append(node(matching: scalars[index..<end]))
      index = end
    }
    return result
  }

  private static func node(matching scalars: ArraySlice<UInt32>) -> PatternNode {
    guard let first = scalars.first else { return .empty }
    let set = equals(of: first)
    let rest = node(matching: scalars.dropFirst())
    var heads: [PatternNode] = [.set(set)]
    heads += sequences(equalToMembersOf: set).map { .sequence($0.map { .set($0) }) }
    var result: [PatternNode] = heads.map { rest == .empty ? $0 : .sequence([$0, rest]) }
    for (set, count) in expansions(startingAt: scalars) {
      result.append(.sequence([.set(set), node(matching: scalars.dropFirst(count))]))
    }
    return .anyOf(result)
  }
}
