import Attention

/// Unnormalized probabilities of a row of logits: wᵢ = e^(ℓᵢ − max ℓ), not divided by their sum.
struct TokenProbabilities {
  /// One for each token id, at most 1.
  private(set) var values: [Float] = []
  /// The sums of `blockSize` values each.
  private var blockSums: [Float] = []
  /// The sum of all values.
  private(set) var total = 0.0

  private static let blockSize = 256

  /// Computes the values of another row.
  ///
  /// - Parameter maximum: the largest logit, which is finite.
  mutating func compute(
    _ row: UnsafeBufferPointer<Float>, maximum: Float, kernels: any Kernels
  ) {
    if values.count != row.count { values = Array(repeating: 0, count: row.count) }
    blockSums.removeAll(keepingCapacity: true)
    var (total, sums) = (0.0, blockSums)
    values.withUnsafeMutableBufferPointer { values in
      _ = values.update(fromContentsOf: row)
      for start in stride(from: 0, to: values.count, by: Self.blockSize) {
        let end = min(start + Self.blockSize, values.count)
        let sum = kernels.exponentials(
          UnsafeMutableBufferPointer(rebasing: values[start..<end]), minus: maximum)
        sums.append(sum)
        total += Double(sum)
      }
    }
    (self.total, blockSums) = (total, sums)
  }

  /// The first token at which the cumulative sum of the values exceeds `part` of the total; `part` is less
  /// than 1.
  func token(at part: Double) -> Int {
    var left = part * total
    var block = 0
    while block < blockSums.count - 1, left >= Double(blockSums[block]) {
      left -= Double(blockSums[block])
      block += 1
    }
    let start = block * Self.blockSize
    var last = start
    for id in start..<values.count where values[id] > 0 {
      last = id
      left -= Double(values[id])
      if left < 0 { break }
    }
    // Rounding may leave a small rest at the end: choose the last token with a nonzero value.
    return values[last] > 0 ? last : values.lastIndex { $0 > 0 } ?? 0
  }

  /// The most probable tokens whose sum reaches `part` of the total, at least `least` tokens, the most
  /// probable first; of equally probable tokens, the lower id first. nil if there are too many to list.
  func topP(
    _ part: Float, atLeast least: Int, kernels: any Kernels
  ) -> [TopK.Entry]? {
    let few = values.withUnsafeBufferPointer {
      TopK.find(max(64, least), in: $0, kernels: kernels)
    }
    let kept = few.prefix(reaching: Double(part) * total, atLeast: least)
    return kept.count < few.count || few.count == values.count ? kept : nil
  }

  /// Sets all values below `least` to 0.
  mutating func keep(atLeast least: Float) {
    values.withUnsafeMutableBufferPointer { values in
      for id in values.indices { values[id] = values[id] >= least ? values[id] : 0 }
    }
    sumUp()
  }

  /// Keeps the most probable tokens whose sum reaches `part` of the total, and sets all other values to 0. Of
  /// equally probable tokens, the tokens with lower ids are kept.
  ///
  /// A radix selection: sums the values by their leading bits, then, for the leading bits at which the sum
  /// reaches the goal, by the next bits. Only the values with these bits are sorted.
  ///
  /// - Complexity: O(vocabulary).
  mutating func keepTopP(_ part: Float) {
    var goal = Double(part) * total
    let (first, left) = edge(reaching: goal, shift: 17, digits: 1 << 14) { _ in true }
    goal = left
    let (second, rest) = edge(reaching: goal, shift: 7, digits: 1 << 10) { $0 >> 17 == first }
    let prefix = first << 10 | second
    var atEdge: [TopK.Entry] = []
    values.withUnsafeMutableBufferPointer { values in
      for id in values.indices {
        let bits = values[id].bitPattern >> 7
        if bits == prefix { atEdge.append(TopK.Entry(index: id, value: values[id])) }
        if bits <= prefix { values[id] = 0 }
      }
    }
    atEdge.sort(by: TopK.precedes)
    for entry in atEdge.prefix(reaching: rest, atLeast: 0) { values[entry.index] = entry.value }
    sumUp()
  }

  /// The digit of the values' bits at which their sum, from the largest digit down, reaches `goal`, and the
  /// part of the goal that larger digits leave.
  private func edge(
    reaching goal: Double, shift: UInt32, digits: Int, where isCounted: (UInt32) -> Bool
  ) -> (digit: UInt32, missing: Double) {
    var sums = [Double](repeating: 0, count: digits)
    values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        for value in values where isCounted(value.bitPattern) {
          sums[Int(value.bitPattern >> shift) & (digits - 1)] += Double(value)
        }
      }
    }
    var (missing, digit) = (goal, digits - 1)
    while digit > 0, sums[digit] < missing {
      missing -= sums[digit]
      digit -= 1
    }
    return (UInt32(digit), missing)
  }

  private mutating func sumUp() {
    blockSums.removeAll(keepingCapacity: true)
    total = 0
    values.withUnsafeBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: Self.blockSize) {
        let end = min(start + Self.blockSize, values.count)
        // Eight independent sums, because each addition to one sum waits for the previous one.
        var lanes = SIMD8<Float>()
        var id = start
        while id + 8 <= end {
          for lane in 0..<8 { lanes[lane] += values[id + lane] }
          id += 8
        }
        let sum = values[id..<end].reduce(lanes.sum(), +)
        blockSums.append(sum)
        total += Double(sum)
      }
    }
  }
}
