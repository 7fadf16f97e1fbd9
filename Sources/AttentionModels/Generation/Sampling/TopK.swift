import Attention

/// The largest scalars of a row, found without sorting the row.
struct TopK {
  /// A scalar and its index in the row.
  struct Entry: Hashable {
    var index: Int
    var value: Float
  }

  /// The number of scalars per block. One vectorized call finds the maximum of a block.
  private static let blockSize = 64

  /// The `count` largest scalars of `row`, the largest first; of equal scalars, the lower index first.
  ///
  /// At least `count` scalars are not below the `count`-th largest maximum of a block of scalars, so only
  /// blocks with such a maximum are searched.
  ///
  /// - Complexity: O(row) vectorized, plus O(count · (block size + log count)) for typical rows;
  ///   O(row · log count) in the worst case.
  static func find(
    _ count: Int, in row: UnsafeBufferPointer<Float>, kernels: any Kernels
  ) -> [Entry] {
    guard count > 0, !row.isEmpty else { return [] }
    let maxima = blockMaxima(of: row, kernels: kernels)
    var least = -Float.infinity
    if count < maxima.count {
      var largest = TopK(capacity: count)
      for (index, value) in maxima.enumerated() { largest.offer(Entry(index: index, value: value)) }
      least = largest.threshold
    }
    var kept = TopK(capacity: min(count, row.count))
    for (block, maximum) in maxima.enumerated() where maximum >= least {
      let start = block * blockSize
      for index in start..<min(start + blockSize, row.count) where row[index] >= least {
        kept.offer(Entry(index: index, value: row[index]))
      }
    }
    return kept.sorted()
  }

  private static func blockMaxima(
    of row: UnsafeBufferPointer<Float>, kernels: any Kernels
  ) -> [Float] {
    stride(from: 0, to: row.count, by: blockSize).map { start in
      kernels.maximum(
        UnsafeBufferPointer(rebasing: row[start..<min(start + blockSize, row.count)]))
    }
  }

  /// All scalars of `row` that are at least `least`, in order of their index.
  ///
  /// - Complexity: O(row) vectorized, plus O(block size) for each block with such a scalar.
  static func all(
    atLeast least: Float, in row: UnsafeBufferPointer<Float>, kernels: any Kernels
  ) -> [Entry] {
    var found: [Entry] = []
    for start in stride(from: 0, to: row.count, by: blockSize) {
      let end = min(start + blockSize, row.count)
      guard kernels.maximum(UnsafeBufferPointer(rebasing: row[start..<end])) >= least else {
        continue
      }
      for index in start..<end where row[index] >= least {
        found.append(Entry(index: index, value: row[index]))
      }
    }
    return found
  }

  /// A heap whose root is the entry to replace next.
  private var heap: [Entry] = []
  private let capacity: Int
  private var isFull: Bool { heap.count == capacity }
  private var threshold: Float { heap[0].value }

  private init(capacity: Int) {
    self.capacity = capacity
    heap.reserveCapacity(capacity)
  }

  /// The order of results: the larger value first; of equal values, the lower index first.
  static func precedes(_ left: Entry, _ right: Entry) -> Bool {
    left.value > right.value || (left.value == right.value && left.index < right.index)
  }

  /// Inserts an entry if it is among the largest so far. Of equal entries, the first ones stay.
  private mutating func offer(_ entry: Entry) {
    if isFull {
      guard entry.value > threshold else { return }
      heap[0] = entry
      siftDown()
      return
    }
    heap.append(entry)
    var index = heap.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      guard Self.precedes(heap[parent], heap[index]) else { return }
      heap.swapAt(parent, index)
      index = parent
    }
  }

  private mutating func siftDown() {
    var index = 0
    while true {
      let (left, right) = (2 * index + 1, 2 * index + 2)
      var last = index
      if left < heap.count, Self.precedes(heap[last], heap[left]) { last = left }
      if right < heap.count, Self.precedes(heap[last], heap[right]) { last = right }
      guard last != index else { return }
      heap.swapAt(index, last)
      index = last
    }
  }

  private func sorted() -> [Entry] { heap.sorted(by: Self.precedes) }
}

extension [TopK.Entry] {
  /// The shortest prefix whose sum reaches `goal` and that has at least `least` entries; all entries if
  /// there is none. The largest entry is the first.
  func prefix(reaching goal: Double, atLeast least: Int) -> [TopK.Entry] {
    var (sum, kept) = (0.0, 0)
    while kept < count, sum < goal || kept < least {
      sum += Double(self[kept].value)
      kept += 1
    }
    return Array(prefix(kept))
  }
}
