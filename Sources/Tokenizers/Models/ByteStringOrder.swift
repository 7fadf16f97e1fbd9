/// Sorts byte strings by their bytes.
///
/// A radix sort from the first byte on, in place (American flag sort): it never compares more bytes than the strings
/// have, and takes four bytes of memory per string.
///
/// - Source: McIlroy, Bostic and McIlroy 1993, Engineering Radix Sort.
struct ByteStringOrder {
  private let strings: ByteStrings
  private var order: [UInt32]

  /// Up to this number of strings, insertion is faster.
  private static let insertionLimit = 16

  /// The indices of the different strings that are not empty, in the order of their bytes.
  ///
  /// - Parameter duplicate: which one counts of several equal strings.
  static func indices(
    of strings: ByteStrings, keeping duplicate: ByteTrie.Duplicate
  ) -> [UInt32] {
    var sorting = ByteStringOrder(strings)
    guard sorting.sort() else { return [] }
    sorting.removeDuplicates(keeping: duplicate)
    return sorting.order
  }

  private init(_ strings: ByteStrings) {
    self.strings = strings
    var isEmpty = false
    order = Array(0..<UInt32(strings.count))
    for index in 0..<strings.count where strings[index].isEmpty { isEmpty = true }
    if isEmpty { order.removeAll { strings[Int($0)].isEmpty } }
  }

  /// Returns false if the current task is cancelled.
  private mutating func sort() -> Bool {
    let strings = strings
    var order = order.mutableSpan
    var waiting: [(range: Range<Int>, depth: Int)] = [(0..<order.count, 0)]
    // Bucket 0: the strings that end. Bucket b + 1: the byte b.
    var ends = [Int](repeating: 0, count: 257)
    var next = [Int](repeating: 0, count: 257)
    var cancellation = CancellationSteps()
    while let (range, depth) = waiting.popLast() {
      if cancellation.isRequested() { return false }
      guard range.count > Self.insertionLimit else {
        Self.insert(range, depth, strings, &order)
        continue
      }
      for bucket in ends.indices { ends[bucket] = 0 }
      for place in range { ends[strings.bucket(order[place], depth)] += 1 }
      var start = range.lowerBound
      for bucket in ends.indices {
        next[bucket] = start
        start += ends[bucket]
        ends[bucket] = start
        let count = start - next[bucket]
        if count > 1, bucket > 0 { waiting.append((next[bucket]..<start, depth + 1)) }
      }
      for bucket in ends.indices {
        while next[bucket] < ends[bucket] {
          if cancellation.isRequested() { return false }
          let place = next[bucket]
          let string = order[place]
          let target = strings.bucket(string, depth)
          if target != bucket {
            order[place] = order[next[target]]
            order[next[target]] = string
          }
          next[target] += 1
        }
      }
    }
    return true
  }

  /// Sorts few strings with equal bytes before `depth`.
  private static func insert(
    _ range: Range<Int>, _ depth: Int, _ strings: ByteStrings, _ order: inout MutableSpan<UInt32>
  ) {
    for end in range.dropFirst() {
      let string = order[end]
      var place = end
      while place > range.lowerBound, strings.isLess(string, order[place - 1], from: depth) {
        order[place] = order[place - 1]
        place -= 1
      }
      order[place] = string
    }
  }

  private mutating func removeDuplicates(keeping duplicate: ByteTrie.Duplicate) {
    var kept = 0
    for place in order.indices {
      let index = order[place]
      if kept > 0, strings.isEqual(order[kept - 1], index) {
        let pair = (order[kept - 1], index)
        order[kept - 1] = duplicate == .first ? min(pair.0, pair.1) : max(pair.0, pair.1)
      } else {
        order[kept] = index
        kept += 1
      }
    }
    order.removeSubrange(kept...)
  }
}

extension ByteStrings {
  /// 0 if the string ends at `depth`; otherwise its byte there plus 1.
  @inline(__always)
  fileprivate func bucket(_ string: UInt32, _ depth: Int) -> Int {
    let range = self[Int(string)]
    let place = range.lowerBound + depth
    return place < range.upperBound ? Int(bytes.span[place]) + 1 : 0
  }

  fileprivate func isLess(_ left: UInt32, _ right: UInt32, from depth: Int) -> Bool {
    let left = self[Int(left)].dropFirst(depth)
    let right = self[Int(right)].dropFirst(depth)
    let bytes = bytes.span
    for offset in 0..<min(left.count, right.count) {
      let pair = (bytes[left.lowerBound + offset], bytes[right.lowerBound + offset])
      if pair.0 != pair.1 { return pair.0 < pair.1 }
    }
    return left.count < right.count
  }

  fileprivate func isEqual(_ left: UInt32, _ right: UInt32) -> Bool {
    let left = self[Int(left)]
    let right = self[Int(right)]
    guard left.count == right.count else { return false }
    let bytes = bytes.span
    for offset in 0..<left.count
    where bytes[left.lowerBound + offset] != bytes[right.lowerBound + offset] {
      return false
    }
    return true
  }
}
