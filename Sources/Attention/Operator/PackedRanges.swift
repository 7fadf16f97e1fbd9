/// Consecutive ranges of the given lengths, which must add up to `total` tokens.
///
/// - Throws: `AttentionError.argument` with `name` for a negative length or another sum.
package func packedRanges(
  _ lengths: [Int], total: Int, name: String, of tokens: String
) throws -> [Range<Int>] {
  if let negative = lengths.first(where: { $0 < 0 }) {
    throw AttentionError.argument(name, reason: "negative length \(negative)")
  }
  var ranges: [Range<Int>] = []
  ranges.reserveCapacity(lengths.count)
  var end = 0
  for length in lengths {
    let (sum, overflow) = end.addingReportingOverflow(length)
    guard !overflow else {
      throw AttentionError.overflow("the sum of the \(name) exceeds \(Int.max)")
    }
    ranges.append(end..<sum)
    end = sum
  }
  guard end == total else {
    throw AttentionError.argument(
      name, reason: "the lengths add up to \(end), not to the \(total) tokens of \(tokens)")
  }
  return ranges
}
