/// The symbols of a word during BPE: token ids, each with its length in bytes.
///
/// BPE repeatedly merges the pair of lowest rank; of equal ranks, the leftmost pair. In short words, a scan
/// of all pairs finds the next pair; in long words, `MergeQueue` finds it in O(log n).
struct SymbolSequence {
  private(set) var ids: [Int32] = []
  private(set) var lengths: [Int32] = []
  private var merges: [MergeTable.Merge] = []
  private var queue = MergeQueue()
  /// The word as the vocabulary writes it; see `writeWord`.
  private(set) var writtenWord: [UInt8] = []

  /// Up to this number of symbols, scanning is faster than the queue.
  private static let shortLimit = 40

  mutating func removeAll() {
    ids.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  mutating func append(_ id: Int32, length: Int) {
    ids.append(id)
    lengths.append(Int32(truncatingIfNeeded: length))
  }

  /// Writes a word of raw bytes with `ByteToUnicode`.
  @inline(__always)
  mutating func writeWord(_ bytes: Span<UInt8>, _ word: Range<Int>) {
    writtenWord.removeAll(keepingCapacity: true)
    ByteToUnicode.write(bytes, word, to: &writtenWord)
  }

  /// Whether `id` is the only symbol, and has this length.
  func isOnly(_ id: Int32, length: Int) -> Bool {
    ids.count == 1 && ids[0] == id && Int(lengths[0]) == length
  }

  /// Merges until no pair has a merge.
  ///
  /// - Complexity: O(n log n) for n symbols.
  mutating func merge(_ table: MergeTable) {
    guard ids.count > 1 else { return }
    if ids.count <= Self.shortLimit {
      mergeByScanning(table)
    } else {
      queue.merge(&ids, &lengths, table)
    }
  }

  private mutating func mergeByScanning(_ table: MergeTable) {
    let count = ids.count
    if merges.count < Self.shortLimit {
      merges = Array(repeating: MergeTable.none, count: Self.shortLimit)
    }
    let left = Self.mergeByScanning(&ids, &lengths, &merges, table)
    ids.removeLast(count - left)
    lengths.removeLast(count - left)
  }

  /// Returns the number of symbols left.
  @inline(__always)
  private static func mergeByScanning(
    _ ids: inout [Int32], _ lengths: inout [Int32], _ merges: inout [MergeTable.Merge],
    _ table: MergeTable
  ) -> Int {
    let count = ids.count
    var ids = ids.mutableSpan
    var lengths = lengths.mutableSpan
    var merges = merges.mutableSpan
    for index in 0..<count - 1 { merges[index] = table.merge(ids[index], ids[index + 1]) }
    /// The number of pairs left: the number of symbols minus 1.
    var pairs = count - 1
    while pairs > 0 {
      var best = MergeTable.none
      var place = 0
      for index in 0..<pairs where merges[index] < best {
        best = merges[index]
        place = index
      }
      if best == MergeTable.none { break }
      ids[place] = MergeTable.newID(best)
      lengths[place] += lengths[place + 1]
      pairs -= 1
      var index = place + 1
      while index <= pairs {
        ids[index] = ids[index + 1]
        lengths[index] = lengths[index + 1]
        if index < pairs { merges[index] = merges[index + 1] }
        index += 1
      }
      if place > 0 { merges[place - 1] = table.merge(ids[place - 1], ids[place]) }
      if place < pairs { merges[place] = table.merge(ids[place], ids[place + 1]) }
    }
    return pairs + 1
  }
}
