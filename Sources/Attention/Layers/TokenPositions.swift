/// Where the tokens of packed sequences stand within them.
public enum TokenPositions: Sendable, Hashable {
  /// 0, 1, 2, … in each sequence.
  case fromStart
  /// o, o + 1, o + 2, … with one offset o a sequence: for tokens that follow others, such as those
  /// in a cache, whose number is the offset.
  case offsets([Int])
  /// One position a token, in any order.
  case each([Int])

  /// One position a token.
  ///
  /// - Parameter lengths: the lengths of the packed sequences.
  /// - Throws: `AttentionError.argument` naming "positions" for a wrong number of them or an offset
  ///   that is out of range, "lengths" for a negative length.
  public func resolved(lengths: [Int]) throws -> [Int] {
    let total = lengths.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    return try resolved(packedRanges(lengths, total: total, name: "lengths", of: "the input"))
  }

  /// One position a token of the sequences at these ranges.
  func resolved(_ sequences: [Range<Int>]) throws -> [Int] {
    switch self {
    case .fromStart:
      return sequences.flatMap { 0..<$0.count }
    case .offsets(let offsets):
      guard offsets.count == sequences.count else {
        throw AttentionError.argument(
          "positions", reason: "\(offsets.count) offsets for \(sequences.count) sequences")
      }
      let largest = RotaryTable.largestPosition
      if let outside = offsets.first(where: { !(-largest...largest).contains($0) }) {
        throw AttentionError.argument("positions", reason: "the offset \(outside) is out of range")
      }
      return zip(offsets, sequences).flatMap { $0..<$0 + $1.count }
    case .each(let positions):
      let tokenCount = sequences.last?.upperBound ?? 0
      guard positions.count == tokenCount else {
        throw AttentionError.argument(
          "positions", reason: "\(positions.count) positions for \(tokenCount) tokens")
      }
      return positions
    }
  }
}
