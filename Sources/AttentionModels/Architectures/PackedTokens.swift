import Attention

/// The token ids of several sequences, one after the other: a batch without padding.
public struct PackedTokens: Sendable {
  /// The token ids of all sequences.
  public var ids: [Int]
  /// The segment of each token (`token_type_ids`): 0, or 1 in the second text of a pair.
  public var segments: [Int]
  /// The number of tokens of each sequence.
  public var lengths: [Int]

  /// A batch of these encodings, in order.
  public init(_ encodings: some Collection<Encoding>) {
    let count = encodings.reduce(0) { $0 + $1.count }
    ids = []
    segments = []
    ids.reserveCapacity(count)
    segments.reserveCapacity(count)
    for encoding in encodings {
      ids += encoding.ids
      segments += encoding.typeIDs
    }
    lengths = encodings.map(\.count)
  }

  /// A batch of these sequences of ids, in order, all of segment 0.
  public init(_ sequences: [[Int]]) {
    self.init(ids: sequences.flatMap(\.self), lengths: sequences.map(\.count))
  }

  /// A batch of packed ids.
  ///
  /// - Parameters:
  ///   - ids: the token ids of all sequences.
  ///   - segments: the segment of each token; nil for 0.
  ///   - lengths: the number of tokens of each sequence; nil for one sequence.
  public init(ids: [Int], segments: [Int]? = nil, lengths: [Int]? = nil) {
    self.ids = ids
    self.segments = segments ?? Array(repeating: 0, count: ids.count)
    self.lengths = lengths ?? [ids.count]
  }
}
