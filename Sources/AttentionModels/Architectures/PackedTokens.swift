import Attention

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
  /// Computes rows of features for some sequences at a time, and puts them end to end.
  ///
  /// - Parameter transform: makes `[token, hiddenSize]` of the tokens of whole sequences.
  /// - Returns: the rows of all tokens, `[token, hiddenSize]`.
  /// - Throws: `AttentionError.memory`, and what `transform` throws.
  func mapParts(hiddenSize: Int, _ transform: (PackedTokens) throws -> Tensor) throws -> Tensor {
    try Tensor(shape: [ids.count, hiddenSize]) { output in
      var written = 0
      for part in parts {
        try transform(part).withSpan { span in
          for index in span.indices { output[written + index] = span[index] }
          written += span.count
        }
      }
    }
  }

  /// Runs of sequences of about a thousand tokens, or one that is longer: enough for large products, few
  /// enough that what lies between two layers stays near the processor.
  private var parts: [PackedTokens] {
    var parts: [PackedTokens] = []
    var (firstToken, firstSequence, count) = (0, 0, 0)
    func close(before sequence: Int) {
      var part = self
      part.ids = Array(ids[firstToken..<firstToken + count])
      part.segments = Array(segments[firstToken..<firstToken + count])
      part.lengths = Array(lengths[firstSequence..<sequence])
      parts.append(part)
      (firstToken, firstSequence, count) = (firstToken + count, sequence, 0)
    }
    for (sequence, length) in lengths.enumerated() {
      if count > 0, count + length > 1024 { close(before: sequence) }
      count += length
    }
    if firstSequence < lengths.count { close(before: lengths.count) }
    return parts
  }
}
