/// A partition of the scalars into classes, such that each set of a pattern is a union of classes.
struct ScalarPartition: Sendable {
  static let classLimit = 200

  private(set) var count = 0
  /// `memberships[class][set]`: whether the class is in the set.
  private var memberships: [[Bool]] = []
  /// The classes of the scalars of each distinct block of 128.
  private var classes: [UInt8] = []
  /// The index in `classes` where each block of 128 scalars starts.
  private var blocks: [Int32] = []

  init(_ sets: [ScalarSet]) throws(PatternError) {
    // Between two boundaries no scalar enters or leaves a set.
    var boundaries: [(scalar: UInt32, set: Int)] = []
    for (index, set) in sets.enumerated() {
      for range in set.ranges {
        boundaries.append((range.lowerBound, index))
        boundaries.append((range.upperBound + 1, index))
      }
    }
    boundaries.sort { $0.scalar < $1.scalar }
    var numbers: [[Bool]: UInt8] = [:]
    var membership = [Bool](repeating: false, count: sets.count)
    var spans: [(end: UInt32, number: UInt8)] = []
    var index = 0
    while index <= boundaries.count {
      let end = index < boundaries.count ? boundaries[index].scalar : 0x110000
      if end > spans.last?.end ?? 0 {
        if numbers[membership] == nil {
          guard numbers.count < Self.classLimit else {
            throw PatternError(reason: "more than \(Self.classLimit) classes of characters")
          }
          numbers[membership] = UInt8(numbers.count)
          memberships.append(membership)
        }
        spans.append((end, numbers[membership] ?? 0))
      }
      guard index < boundaries.count else { break }
      membership[boundaries[index].set].toggle()
      index += 1
    }
    count = numbers.count
    fill(spans)
  }

  private mutating func fill(_ spans: [(end: UInt32, number: UInt8)]) {
    var known: [[UInt8]: Int32] = [:]
    var uniform = [Int32?](repeating: nil, count: count)
    var span = 0
    for start in stride(from: UInt32(0), to: 0x110000, by: 128) {
      while spans[span].end <= start { span += 1 }
      let first = Int(spans[span].number)
      let isUniform = spans[span].end >= start + 128
      if isUniform, let block = uniform[first] {
        blocks.append(block)
        continue
      }
      var block: [UInt8] = []
      var current = span
      for scalar in start..<start + 128 {
        while spans[current].end <= scalar { current += 1 }
        block.append(spans[current].number)
      }
      if known[block] == nil {
        known[block] = Int32(classes.count)
        classes += block
      }
      blocks.append(known[block] ?? 0)
      if isUniform { uniform[first] = known[block] }
    }
  }

  /// Whether the scalars of the class `number` are in the set with the index `set`.
  func contains(_ set: Int, _ number: Int) -> Bool { memberships[number][set] }

  /// The class of a scalar.
  @inline(__always)
  func classify(_ scalar: UInt32) -> Int {
    Int(classes[Int(blocks[Int(scalar >> 7)]) + Int(scalar & 0x7F)])
  }

  /// The class of an ASCII scalar.
  func classify(_ byte: UInt8) -> Int { classify(UInt32(byte)) }
}
