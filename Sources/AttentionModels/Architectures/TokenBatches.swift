import Attention

/// Splits many sequences into batches, which are computed one after the other.
enum TokenBatches {
  /// Ranges of consecutive sequences with at most `Tuning.batchTokens` tokens in total. A longer sequence
  /// forms one batch.
  static func ranges(lengths: some Sequence<Int>) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var (start, end, tokenCount) = (0, 0, 0)
    for length in lengths {
      if tokenCount > 0, tokenCount + length > Tuning.batchTokens {
        ranges.append(start..<end)
        (start, tokenCount) = (end, 0)
      }
      tokenCount += length
      end += 1
    }
    if start < end { ranges.append(start..<end) }
    return ranges
  }
}

extension PackedTokens {
  /// Computes rows of features batch by batch.
  ///
  /// - Parameter transform: returns `[token, hiddenSize]` for the tokens of a batch.
  /// - Returns: the rows of all tokens, `[token, hiddenSize]`.
  /// - Throws: `AttentionError.memory`, and the errors of `transform`.
  func mapBatches(hiddenSize: Int, _ transform: (PackedTokens) throws -> Tensor) throws -> Tensor {
    let batches = TokenBatches.ranges(lengths: lengths)
    guard batches.count > 1 else { return try transform(self) }
    return try Tensor(shape: [ids.count, hiddenSize]) { output in
      var firstToken = 0
      for sequences in batches {
        let lengths = lengths[sequences]
        let tokens = firstToken..<firstToken + lengths.reduce(0, +)
        let batch = PackedTokens(
          ids: Array(ids[tokens]), segments: Array(segments[tokens]), lengths: Array(lengths))
        try transform(batch).withUnsafeScalars {
          _ = output[(firstToken * hiddenSize)...].initialize(fromContentsOf: $0)
        }
        firstToken = tokens.upperBound
      }
    }
  }
}
