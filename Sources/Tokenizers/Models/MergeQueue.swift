/// Merges the symbols of long words, with a binary heap of pairs and a linked list of symbols.
struct MergeQueue {
  /// Min-heap of pairs, ordered by rank, then position. Entries may be stale.
  private var heap: [UInt64] = []
  /// The current merge of each symbol with the next one.
  private var merges: [MergeTable.Merge] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []

  /// - Complexity: O(n log n): each merge removes a symbol and adds at most two pairs.
  mutating func merge(_ ids: inout [Int32], _ lengths: inout [Int32], _ table: MergeTable) {
    let count = ids.count
    heap.removeAll(keepingCapacity: true)
    merges = Array(repeating: MergeTable.none, count: count)
    next = Array(1...Int32(count))
    previous = Array(-1..<Int32(count) - 1)
    var cancellation = CancellationSteps()
    for index in 0..<count - 1 {
      if cancellation.isRequested() { return }
      merges[index] = table.merge(ids[index], ids[index + 1])
      if merges[index] != MergeTable.none { heap.append(entry(index)) }
    }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) {
      if cancellation.isRequested() { return }
      Self.sink(heap[index], from: index, in: &heap)
    }
    while let top = popFirst() {
      if cancellation.isRequested() { return }
      let place = Int(top & 0xFFFF_FFFF)
      guard merges[place] != MergeTable.none, MergeTable.rank(merges[place]) == top >> 32 else {
        continue
      }
      let right = Int(next[place])
      ids[place] = MergeTable.newID(merges[place])
      lengths[place] += lengths[right]
      lengths[right] = 0
      merges[right] = MergeTable.none
      let after = Int(next[right])
      next[place] = Int32(after)
      if after < count { previous[after] = Int32(place) }
      let before = Int(previous[place])
      if before >= 0 { update(before, table.merge(ids[before], ids[place])) }
      update(
        place, after < count ? table.merge(ids[place], ids[after]) : MergeTable.none)
    }
    var kept = 0
    for index in 0..<count where lengths[index] > 0 {
      ids[kept] = ids[index]
      lengths[kept] = lengths[index]
      kept += 1
    }
    ids.removeLast(count - kept)
    lengths.removeLast(count - kept)
  }

  private func entry(_ place: Int) -> UInt64 {
    MergeTable.rank(merges[place]) << 32 | UInt64(place)
  }

  private mutating func update(_ place: Int, _ merge: MergeTable.Merge) {
    merges[place] = merge
    if merge != MergeTable.none { push(entry(place)) }
  }

  private mutating func push(_ entry: UInt64) {
    heap.append(entry)
    var heap = heap.mutableSpan
    var index = heap.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      if heap[parent] <= entry { break }
      heap[index] = heap[parent]
      index = parent
    }
    heap[index] = entry
  }

  private mutating func popFirst() -> UInt64? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty { Self.sink(last, from: 0, in: &heap) }
    return first
  }

  /// Writes `entry` to `index`, or to a place below it, so that no entry is larger than an entry below it.
  private static func sink(_ entry: UInt64, from index: Int, in heap: inout [UInt64]) {
    var heap = heap.mutableSpan
    var index = index
    while true {
      var child = 2 * index + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      if heap[child] >= entry { break }
      heap[index] = heap[child]
      index = child
    }
    heap[index] = entry
  }
}
