/// Excludes leading and trailing white space of tokens from their offsets.
///
/// - Source: `trim_offsets` of Hugging Face tokenizers.
struct OffsetTrimmer: Sendable {
  /// Whether a single leading space of the first token is not trimmed, because the pre-tokenizer may have
  /// added it (`add_prefix_space`).
  private let keepsPrefixSpace: Bool
  private let spaces: TokenSpaces

  init(keepsPrefixSpace: Bool, spaces: TokenSpaces) {
    self.keepsPrefixSpace = keepsPrefixSpace
    self.spaces = spaces
  }

  var byteCount: Int { spaces.byteCount }

  func trim(_ sequence: inout TokenSequence) {
    var cancellation = CancellationSteps()
    for index in sequence.ids.indices {
      if cancellation.isRequested() { break }
      var spaces = spaces[sequence.ids[index]]
      if !sequence.readings.isEmpty, let reading = sequence.readings[index] {
        spaces = TokenSpaces.Spaces(Array(reading.utf8))
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
