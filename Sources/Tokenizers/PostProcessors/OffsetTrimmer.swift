/// Moves the offsets of tokens inward over the white space that they start and end with.
///
/// - Source: `trim_offsets` of the tokenizers library.
struct OffsetTrimmer: Sendable {
  /// Whether one space at the start of a text was put there, and stands for nothing.
  private let keepsPrefixSpace: Bool
  private let spaces: TokenSpaces

  init(keepsPrefixSpace: Bool, spaces: TokenSpaces) {
    self.keepsPrefixSpace = keepsPrefixSpace
    self.spaces = spaces
  }

  func trim(_ sequence: inout TokenSequence) {
    for index in sequence.ids.indices {
      var spaces = spaces[sequence.ids[index]]
      if !sequence.readings.isEmpty, let reading = sequence.readings[index] {
        spaces = TokenSpaces.Spaces(reading)
      }
      if spaces.leading == 0, spaces.trailing == 0 { continue }
      var start = sequence.starts[index]
      var end = sequence.ends[index]
      let isFirst = index == 0 || start == 0
      if spaces.leading > 0, !(isFirst && keepsPrefixSpace && spaces.leading == 1) {
        start = min(start + Int32(spaces.leading), end)
      }
      if end >= Int32(spaces.trailing) { end = max(end - Int32(spaces.trailing), start) }
      sequence.starts[index] = start
      sequence.ends[index] = end
    }
  }
}
