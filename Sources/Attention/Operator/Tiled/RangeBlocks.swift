/// Divides `range` into consecutive ranges of at most `length`.
func blocks(of range: Range<Int>, length: Int) -> some Sequence<Range<Int>> {
  stride(from: range.lowerBound, to: range.upperBound, by: length).lazy.map {
    $0..<min($0 + length, range.upperBound)
  }
}

/// Divides `range` at the multiples of `length`: the boundaries do not depend on where it begins.
func alignedBlocks(of range: Range<Int>, length: Int) -> some Sequence<Range<Int>> {
  stride(
    from: range.lowerBound / length * length, to: range.upperBound, by: length
  ).lazy.map { ($0..<$0 + length).clamped(to: range) }
}

/// Divides `range` into the fewest consecutive ranges of at most `length`. Their lengths differ by at
/// most 1.
func evenBlocks(of range: Range<Int>, atMost length: Int) -> some Sequence<Range<Int>> {
  evenParts(of: range, count: (range.count + length - 1) / length)
}

/// Divides `range` into `count` consecutive ranges. Their lengths differ by at most 1.
func evenParts(of range: Range<Int>, count: Int) -> some Sequence<Range<Int>> {
  (0..<count).lazy.map {
    range.lowerBound + range.count * $0 / count..<range.lowerBound + range.count * ($0 + 1) / count
  }
}

extension Range<Int> {
  func shifted(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}
