/// The positions of the tokens of packed sequences.
public enum TokenPositions: Sendable, Hashable {
  /// 0, 1, 2, … in each sequence.
  case fromStart
  /// o, o + 1, o + 2, … with one offset o per sequence. For tokens that follow cached tokens, the
  /// offset is the number of cached tokens.
  case offsets([Int])
  /// One position per token, in any order.
  case each([Int])

  /// The position of each token.
  ///
  /// - Parameter lengths: the lengths of the packed sequences.
  /// - Throws: `AttentionError.argument` naming "positions" for a wrong number of positions or an
  ///   offset that is out of range, or "lengths" for a negative length.
  public func resolved(lengths: [Int]) throws -> [Int] {
    let total = lengths.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    return try resolved(packedRanges(lengths, total: total, name: "lengths", of: "the input"))
  }

  /// The position of each token of the sequences at these ranges.
  func resolved(_ sequences: [Range<Int>]) throws -> [Int] {
    try requireMemory(
      count: sequences.last?.upperBound ?? 0, of: Int.self, purpose: "the positions of the tokens")
    switch self {
    case .fromStart:
      return sequences.flatMap { 0..<$0.count }
    case .offsets(let offsets):
      guard offsets.count == sequences.count else {
        throw AttentionError.argument(
          "positions",
          reason: "expected \(counted(sequences.count, "offset")), one per sequence, "
            + "got \(offsets.count)")
      }
      let largest = RotaryCache.largestPosition
      if let outside = offsets.first(where: { !(-largest...largest).contains($0) }) {
        throw AttentionError.argument("positions", reason: "the offset \(outside) is out of range")
      }
      return zip(offsets, sequences).flatMap { $0..<$0 + $1.count }
    case .each(let positions):
      let tokenCount = sequences.last?.upperBound ?? 0
      guard positions.count == tokenCount else {
        throw AttentionError.argument(
          "positions",
          reason: "expected \(counted(tokenCount, "position")), one per token, "
            + "got \(positions.count)")
      }
      return positions
    }
  }
}
