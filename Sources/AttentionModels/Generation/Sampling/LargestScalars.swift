import Attention

/// The largest scalars of a row, found without sorting it.
struct LargestScalars {
  /// A scalar and where it stands.
  struct Entry: Hashable {
    var index: Int
    var value: Float
  }

  /// As many scalars as are compared at once with the least that has been kept.
  private static let blockSize = 64

  /// The `count` largest scalars of `row`, the largest first, of equal ones that with the lower index.
  ///
  /// A block is looked at more closely only where its maximum, which vectors find, is worth keeping.
  ///
  /// - Complexity: O(row) vectorized, and O(count · log(row / count)) insertions on average, in any order
  ///   of the scalars O(row · log count).
  static func find(
    _ count: Int, in row: UnsafeBufferPointer<Float>, loops: any VectorLoops
  ) -> [Entry] {
    guard count > 0, !row.isEmpty else { return [] }
    var kept = LargestScalars(capacity: min(count, row.count))
    var start = 0
    while start < row.count {
      let end = min(start + blockSize, row.count)
      let block = UnsafeBufferPointer(rebasing: row[start..<end])
      if !kept.isFull || loops.maximum(block) > kept.threshold {
        for index in start..<end where !kept.isFull || row[index] > kept.threshold {
          kept.insert(Entry(index: index, value: row[index]))
        }
      }
      start = end
    }
    return kept.sorted()
  }

  /// All scalars of `row` that are not below `least`, in order.
  ///
  /// - Complexity: O(row) vectorized, and more only where there are some.
  static func all(
    atLeast least: Float, in row: UnsafeBufferPointer<Float>, loops: any VectorLoops
  ) -> [Entry] {
    var found: [Entry] = []
    for start in stride(from: 0, to: row.count, by: blockSize) {
      let end = min(start + blockSize, row.count)
      guard loops.maximum(UnsafeBufferPointer(rebasing: row[start..<end])) >= least else {
        continue
      }
      for index in start..<end where row[index] >= least {
        found.append(Entry(index: index, value: row[index]))
      }
    }
    return found
  }

  /// A heap with the entry at its root that is the first to go.
  private var heap: [Entry] = []
  private let capacity: Int
  private var isFull: Bool { heap.count == capacity }
  private var threshold: Float { heap[0].value }

  private init(capacity: Int) {
    self.capacity = capacity
    heap.reserveCapacity(capacity)
  }

  private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
    left.value > right.value || (left.value == right.value && left.index < right.index)
  }

  private mutating func insert(_ entry: Entry) {
    if isFull {
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
      var last = index
      for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
        if Self.precedes(heap[last], heap[child]) { last = child }
      }
      guard last != index else { return }
      heap.swapAt(index, last)
      index = last
    }
  }

  private func sorted() -> [Entry] { heap.sorted(by: Self.precedes) }
}
