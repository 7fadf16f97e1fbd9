import Attention

/// wᵢ = e^(ℓᵢ − max ℓ) of a row of logits, not divided by their sum.
struct TokenWeights {
  /// One for each token id, at most 1.
  private(set) var values: [Float] = []
  /// The sums of `blockSize` weights each.
  private var blockSums: [Float] = []
  /// The sum of all.
  private(set) var total = 0.0

  private static let blockSize = 256

  /// Computes the weights of another row.
  ///
  /// - Parameter maximum: the largest logit, which is finite.
  mutating func compute(
    _ row: UnsafeBufferPointer<Float>, maximum: Float, loops: any VectorLoops
  ) {
    if values.count != row.count { values = Array(repeating: 0, count: row.count) }
    blockSums.removeAll(keepingCapacity: true)
    var (total, sums) = (0.0, blockSums)
    values.withUnsafeMutableBufferPointer { values in
      _ = values.update(fromContentsOf: row)
      for start in stride(from: 0, to: values.count, by: Self.blockSize) {
        let end = min(start + Self.blockSize, values.count)
        let sum = loops.exponentials(
          UnsafeMutableBufferPointer(rebasing: values[start..<end]), minus: maximum)
        sums.append(sum)
        total += Double(sum)
      }
    }
    (self.total, blockSums) = (total, sums)
  }

  /// The first token up to which the weights' sum exceeds `part` of the total, `part` being less than 1.
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
    // Rounding may leave a little at the very end: the last token that has any weight takes it.
    return values[last] > 0 ? last : values.lastIndex { $0 > 0 } ?? 0
  }

  /// The heaviest tokens that together have `part` of the total, the heaviest first; `least` of them at
  /// least. Of equal ones those with the higher ids come first, as in `transformers`.
  ///
  /// - Complexity: O(vocabulary), without sorting it.
  func heaviest(
    _ part: Float, atLeast least: Int, loops: any VectorLoops
  ) -> [LargestScalars.Entry] {
    let goal = Double(part) * total
    // A few tokens are nearly always enough.
    let few = values.withUnsafeBufferPointer { LargestScalars.find(64, in: $0, loops: loops) }
    let kept = few.sorted(by: Self.precedes).keeping(goal, atLeast: least)
    if kept.count < few.count || few.count == values.count,
      kept.last?.value != few.last?.value || few.count == values.count
    {
      return kept
    }
    return heaviestByBucket(goal, atLeast: least)
  }

  /// The same for any part: weights are summed by their leading bits, and sorted only where those of the
  /// last kept ones begin.
  private func heaviestByBucket(_ goal: Double, atLeast least: Int) -> [LargestScalars.Entry] {
    var sums = [Double](repeating: 0, count: Int(Float(1).bitPattern >> 17) + 2)
    var counts = [Int](repeating: 0, count: sums.count)
    // Rounding may put a weight above 1.
    func bucket(_ weight: Float) -> Int { min(Int(weight.bitPattern >> 17), sums.count - 1) }
    for weight in values {
      sums[bucket(weight)] += Double(weight)
      counts[bucket(weight)] += 1
    }
    var (sum, count, last) = (0.0, 0, sums.count - 1)
    while last > 0, sum + sums[last] < goal || count + counts[last] < least {
      sum += sums[last]
      count += counts[last]
      last -= 1
    }
    var (whole, cut) = ([LargestScalars.Entry](), [LargestScalars.Entry]())
    for (id, weight) in values.enumerated() where bucket(weight) >= last && weight > 0 {
      let entry = LargestScalars.Entry(index: id, value: weight)
      if bucket(weight) > last { whole.append(entry) } else { cut.append(entry) }
    }
    cut.sort(by: Self.precedes)
    return whole + cut.keeping(goal - sum, atLeast: least - count)
  }

  static func precedes(_ left: LargestScalars.Entry, _ right: LargestScalars.Entry) -> Bool {
    left.value > right.value || (left.value == right.value && left.index > right.index)
  }
}

extension [LargestScalars.Entry] {
  /// Those before which the sum is less than `goal`, the largest being first.
  func keeping(_ goal: Double, atLeast least: Int) -> [LargestScalars.Entry] {
    var (sum, kept) = (0.0, 0)
    while kept < count, sum < goal || kept < least {
      sum += Double(self[kept].value)
      kept += 1
    }
    return Array(prefix(kept))
  }
}
