/// Extended grapheme clusters. The rules are complete for clusters of fewer than six bytes.
///
/// Rules for regional indicators are omitted, because a pair of them has eight bytes.
///
/// - Source: Unicode Standard Annex #29, as in Hugging Face tokenizers.
enum GraphemeClusters {
  /// The end of the cluster that starts at `start`.
  static func end(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let classes = TextClasses.shared
    var (previous, count) = classes.at(start, of: bytes)
    var index = start + count
    if bytes[start] == 0x0D, index < bytes.count, bytes[index] == 0x0A { return index + 1 }
    if previous.contains(.control) { return index }
    var state = State()
    state.add(previous, isJoiner: isJoiner(bytes, start))
    while index < bytes.count {
      let (next, nextCount) = classes.at(index, of: bytes)
      guard !next.contains(.control) else { break }
      let joins =
        next.contains(.joinsLeft) || previous.contains(.joinsRight)
        || next.contains(.pictograph) && state.joinsPictograph
        || next.contains(.conjunctConsonant) && state.joinsConsonant
        || next.contains(.hangul) && previous.contains(.hangul)
          && joinsHangul(
            decodeScalar(bytes, at: index - count).scalar, decodeScalar(bytes, at: index).scalar)
      guard joins else { break }
      state.add(next, isJoiner: isJoiner(bytes, index))
      previous = next
      count = nextCount
      index += nextCount
    }
    return index
  }

  /// Which scalars may continue the cluster, given its scalars so far.
  private struct State {
    private var endsInPictograph = false
    private(set) var joinsPictograph = false
    private var hasConsonant = false
    private(set) var joinsConsonant = false

    mutating func add(_ flags: TextClasses.Flags, isJoiner: Bool) {
      joinsPictograph = endsInPictograph && isJoiner
      endsInPictograph =
        flags.contains(.pictograph)
        || endsInPictograph && flags.contains(.joinsLeft) && !flags.contains(.spacingMark)
          && !isJoiner
      if flags.contains(.conjunctConsonant) {
        hasConsonant = true
        joinsConsonant = false
      } else if flags.contains(.conjunctLinker) {
        joinsConsonant = hasConsonant
      } else if !flags.contains(.conjunctExtender) {
        hasConsonant = false
        joinsConsonant = false
      }
    }
  }

  /// Whether the scalar at `index` is the zero-width joiner.
  private static func isJoiner(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
    bytes[index] == 0xE2 && bytes[index + 1] == 0x80 && bytes[index + 2] == 0x8D
  }

  private enum Jamo {
    case leading, vowel, trailing, open, closed, none

    init(_ scalar: UInt32) {
      switch scalar {
      case 0x1100...0x115F, 0xA960...0xA97C: self = .leading
      case 0x1160...0x11A7, 0xD7B0...0xD7C6: self = .vowel
      case 0x11A8...0x11FF, 0xD7CB...0xD7FB: self = .trailing
      case Hangul.syllables: self = Hangul.decomposition(scalar).2 == nil ? .open : .closed
      default: self = .none
      }
    }
  }

  private static func joinsHangul(_ first: UInt32, _ second: UInt32) -> Bool {
    switch (Jamo(first), Jamo(second)) {
    case (.leading, .leading), (.leading, .vowel), (.leading, .open), (.leading, .closed): true
    case (.open, .vowel), (.open, .trailing), (.vowel, .vowel), (.vowel, .trailing): true
    case (.closed, .trailing), (.trailing, .trailing): true
    default: false
    }
  }
}
