/// The token ids of several sequences, end to end: a batch without padding.
public struct PackedTokens: Sendable {
  /// Every sequence's token ids, one sequence after the other.
  public var ids: [Int]
  /// The segment of each token: 0, or 1 in the second text of a pair.
  public var segments: [Int]
  /// How many tokens each sequence has.
  public var lengths: [Int]

  /// The batch of these encodings, in order: their ids and segments one after the other, and their
  /// lengths.
  public init(_ encodings: some Sequence<Encoding>) {
    ids = []
    segments = []
    lengths = []
    for encoding in encodings {
      ids += encoding.ids
      segments += encoding.typeIDs
      lengths.append(encoding.ids.count)
    }
  }

  /// The batch of these sequences of ids, in order, each all of segment 0.
  public init(_ sequences: [[Int]]) {
    ids = sequences.flatMap(\.self)
    segments = Array(repeating: 0, count: ids.count)
    lengths = sequences.map(\.count)
  }
}

extension PackedTokens {
  /// Runs of sequences of about a thousand tokens, or one that is longer: enough for large products, few
  /// enough that what lies between two layers stays near the processor.
  var parts: [Range<Int>] {
    var parts: [Range<Int>] = []
    var (first, count) = (0, 0)
    for (index, length) in lengths.enumerated() {
      if count > 0, count + length > 1024 {
        parts.append(first..<index)
        (first, count) = (index, 0)
      }
      count += length
    }
    if first < lengths.count { parts.append(first..<lengths.count) }
    return parts
  }
}
