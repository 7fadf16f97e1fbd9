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
