/// The experts of each token, and their weights, in the order of the experts.
struct ExpertRoutes {
  /// Consecutive rows of one expert.
  struct Part {
    let expert: Int
    /// Indices of `tokens` and `weights`.
    let rows: Range<Int>
  }

  /// The token of each row: first all rows of expert 0, in the order of the tokens, then of expert 1, ….
  private(set) var tokens: [Int]
  /// gₑ, the weight of each row.
  private(set) var weights: [Float]
  /// The rows of each expert.
  private let ranges: [Range<Int>]

  /// Chooses the experts of each token.
  ///
  /// - Parameters:
  ///   - logits: the router's logits, `[token, expert]`.
  ///   - activeCount: the number of experts of a token, at most the number of experts.
  ///   - normalizesWeights: whether the weights of a token are divided by their sum.
  init(logits: Tensor, activeCount: Int, normalizesWeights: Bool) throws {
    let (tokenCount, expertCount) = (logits.shape[0], logits.shape[1])
    let probabilities = try softmax(logits).scalars

    var chosen: [(expert: Int, weight: Float)] = []
    chosen.reserveCapacity(tokenCount * activeCount)
    for token in 0..<tokenCount {
      try Cancellation.check()
      let first = token * expertCount
      var best = Self.largest(activeCount, of: probabilities[first..<first + expertCount])
      if normalizesWeights {
        let sum = best.reduce(0) { $0 + $1.weight }
        for index in best.indices { best[index].weight /= sum }
      }
      chosen += best
    }

    var counts = Array(repeating: 0, count: expertCount)
    for choice in chosen { counts[choice.expert] += 1 }
    var (ranges, end) = ([Range<Int>](), 0)
    for count in counts {
      ranges.append(end..<end + count)
      end += count
    }
    var next = ranges.map(\.lowerBound)
    tokens = Array(repeating: 0, count: chosen.count)
    weights = Array(repeating: 0, count: chosen.count)
    for (index, choice) in chosen.enumerated() {
      let row = next[choice.expert]
      next[choice.expert] += 1
      (tokens[row], weights[row]) = (index / activeCount, choice.weight)
    }
    self.ranges = ranges
  }

  /// The `count` experts with the largest probabilities, largest first; of equal ones, the first.
  private static func largest(
    _ count: Int, of probabilities: ArraySlice<Float>
  ) -> [(expert: Int, weight: Float)] {
    var best: [(expert: Int, weight: Float)] = []
    best.reserveCapacity(count + 1)
    for (expert, weight) in probabilities.enumerated() {
      if best.count == count, let last = best.last, !(weight > last.weight) { continue }
      let place = best.firstIndex { weight > $0.weight } ?? best.count
      best.insert((expert, weight), at: place)
      if best.count > count { best.removeLast() }
    }
    return best
  }

  /// Groups of parts, in the order of the rows, each with at most `rowLimit` rows in total.
  func groups(rowLimit: Int) -> [[Part]] {
    var (groups, group, rowCount) = ([[Part]](), [Part](), 0)
    for (expert, range) in ranges.enumerated() where !range.isEmpty {
      for start in stride(from: range.lowerBound, to: range.upperBound, by: rowLimit) {
        let rows = start..<min(start + rowLimit, range.upperBound)
        if rowCount + rows.count > rowLimit {
          groups.append(group)
          (group, rowCount) = ([], 0)
        }
        group.append(Part(expert: expert, rows: rows))
        rowCount += rows.count
      }
    }
    return group.isEmpty ? groups : groups + [group]
  }
}
