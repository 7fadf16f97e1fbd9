/// A number for each Unicode scalar, in blocks of 256; scalars with equal blocks share one.
///
/// A flat table takes 2 MB, this one about 0.1 MB.
struct ScalarTable: Sendable {
  /// The block of each 256 scalars.
  private var blocks: [UInt16]
  /// The numbers of each block.
  private var values: [UInt16]
  /// How many entries of `blocks` refer to each block.
  private var useCounts: [Int]

  /// One more than the largest scalar.
  static let scalarCount: UInt32 = 0x110000

  /// All numbers are 0.
  init() {
    let count = Int(Self.scalarCount >> 8)
    blocks = Array(repeating: 1, count: count)
    // The first block is not shared, so that it needs no look-up in `blocks`.
    blocks[0] = 0
    values = Array(repeating: 0, count: 2 << 8)
    useCounts = [1, count - 1]
  }

  /// - Parameter scalar: less than 0x110000.
  @inline(__always)
  subscript(scalar: UInt32) -> UInt16 {
    let values = values.span
    if scalar < 0x100 { return values[Int(scalar)] }
    return values[Int(blocks.span[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)]
  }

  /// Replaces the number of each scalar in a range by a function of it.
  mutating func update(_ scalars: ClosedRange<UInt32>, _ body: (UInt16) -> UInt16) {
    // Blocks that lie in the range as a whole stay shared.
    var changed: [UInt16: UInt16] = [:]
    for index in Int(scalars.lowerBound >> 8)...Int(scalars.upperBound >> 8) {
      let first = max(scalars.lowerBound, UInt32(index) << 8)
      let last = min(scalars.upperBound, UInt32(index) << 8 | 0xFF)
      let isWhole = last - first == 0xFF
      let block = blocks[index]
      if isWhole, let new = changed[block] {
        use(new, at: index)
        continue
      }
      if useCounts[Int(block)] > 1 {
        let new = UInt16(useCounts.count)
        values += values[Int(block) << 8..<(Int(block) + 1) << 8]
        useCounts.append(0)
        use(new, at: index)
      }
      if isWhole { changed[block] = blocks[index] }
      let start = Int(blocks[index]) << 8
      for low in Int(first & 0xFF)...Int(last & 0xFF) {
        values[start + low] = body(values[start + low])
      }
    }
  }

  private mutating func use(_ block: UInt16, at index: Int) {
    useCounts[Int(blocks[index])] -= 1
    useCounts[Int(block)] += 1
    blocks[index] = block
  }
}
