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

  /// The heaviest tokens that together have `part` of the total, the heaviest first, of equal ones that
  /// with the lower id, `least` of them at least; nil where they are too many to be listed.
  func heaviest(
    _ part: Float, atLeast least: Int, loops: any VectorLoops
  ) -> [LargestScalars.Entry]? {
    let few = values.withUnsafeBufferPointer {
      LargestScalars.find(max(64, least), in: $0, loops: loops)
    }
    let kept = few.keeping(Double(part) * total, atLeast: least)
    return kept.count < few.count || few.count == values.count ? kept : nil
  }

  /// Makes all weights 0 but those of the heaviest tokens that together have `part` of the total, of
  /// equal ones those with the lower ids.
  ///
  /// Weights are summed by their leading bits, and sorted only where those of the last kept ones begin.
  ///
  /// - Complexity: O(vocabulary).
  mutating func keepHeaviest(_ part: Float) {
    let goal = Double(part) * total
    // Rounding may put a weight a little above 1.
    let last = Self.bucket(1) + 1
    var sums = [Double](repeating: 0, count: last + 1)
    values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        for weight in values { sums[min(Self.bucket(weight), last)] += Double(weight) }
      }
    }
    var (sum, edge) = (0.0, last)
    while edge > 0, sum + sums[edge] < goal {
      sum += sums[edge]
      edge -= 1
    }
    var atEdge: [LargestScalars.Entry] = []
    values.withUnsafeMutableBufferPointer { values in
      for id in values.indices {
        let bucket = min(Self.bucket(values[id]), last)
        if bucket == edge { atEdge.append(LargestScalars.Entry(index: id, value: values[id])) }
        if bucket <= edge { values[id] = 0 }
      }
    }
    atEdge.sort(by: LargestScalars.precedes)
    for entry in atEdge.keeping(goal - sum, atLeast: 0) { values[entry.index] = entry.value }
    sumUp()
  }

  /// The leading bits of a weight.
  private static func bucket(_ weight: Float) -> Int { Int(weight.bitPattern >> 17) }

  private mutating func sumUp() {
    blockSums.removeAll(keepingCapacity: true)
    total = 0
    for start in stride(from: 0, to: values.count, by: Self.blockSize) {
      let sum = values[start..<min(start + Self.blockSize, values.count)].reduce(0, +)
      blockSums.append(sum)
      total += Double(sum)
    }
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
