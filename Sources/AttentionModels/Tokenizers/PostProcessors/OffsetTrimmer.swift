/// Moves the offsets of tokens inward over the white space that they start and end with.
///
/// - Source: `trim_offsets` of the tokenizers library.
struct OffsetTrimmer: Sendable {
  /// Whether one space at the start of a text was put there, and stands for nothing.
  private let keepsPrefixSpace: Bool
  /// By token, as far as the vocabulary goes.
  private let spaces: [Spaces]

  init(keepsPrefixSpace: Bool, vocabulary: TokenVocabulary) {
    self.keepsPrefixSpace = keepsPrefixSpace
    spaces = (0..<Int32(vocabulary.idBound)).map { Spaces(vocabulary.token(of: $0) ?? "") }
  }

  func trim(_ sequence: inout TokenSequence) {
    for index in sequence.ids.indices {
      var spaces = spaces[Int(sequence.ids[index])]
      if !sequence.readings.isEmpty, let reading = sequence.readings[index] {
        spaces = Spaces(reading)
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

  /// How many scalars of white space, written as "Ġ" or not, a token starts and ends with.
  private struct Spaces {
    var leading: UInt16
    var trailing: UInt16

    init(_ token: String) {
      let scalars = token.unicodeScalars
      leading = UInt16(clamping: scalars.prefix(while: Self.isSpace).count)
      trailing = UInt16(clamping: scalars.reversed().prefix(while: Self.isSpace).count)
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value == 0x120 || TextClasses.shared[scalar.value].contains(.space)
    }
  }
}
