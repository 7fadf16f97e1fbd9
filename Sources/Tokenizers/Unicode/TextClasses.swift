/// The Unicode properties of each scalar that split patterns and grapheme clusters use.
///
/// Like `UnicodeData`, the tables are generated from Hugging Face tokenizers. Their Unicode versions differ
/// from `UnicodeData`: they are the versions of the libraries that Hugging Face tokenizers uses for regular
/// expressions and for grapheme clusters.
final class TextClasses: Sendable {
  struct Flags: OptionSet, Sendable {
    let rawValue: UInt16

    /// `\p{L}`.
    static let letter = Flags(rawValue: 1 << 0)
    /// `\p{N}`.
    static let number = Flags(rawValue: 1 << 1)
    /// `\s`.
    static let space = Flags(rawValue: 1 << 2)
    /// Carriage return and line feed.
    static let lineEnd = Flags(rawValue: 1 << 3)
    static let joinsLeft = Flags(rawValue: 1 << 5)
    static let joinsRight = Flags(rawValue: 1 << 6)
    static let pictograph = Flags(rawValue: 1 << 7)
    static let conjunctConsonant = Flags(rawValue: 1 << 8)
    static let conjunctLinker = Flags(rawValue: 1 << 9)
    static let conjunctExtender = Flags(rawValue: 1 << 10)
    static let hangul = Flags(rawValue: 1 << 11)
    static let spacingMark = Flags(rawValue: 1 << 12)
    /// Always a separate cluster, including line ends.
    static let control = Flags(rawValue: 1 << 13)

    static let word: Flags = [.letter, .number, .space]
  }

  static let shared = TextClasses()

  private let flags: ScalarTable

  @inline(__always)
  subscript(scalar: UInt32) -> Flags { Flags(rawValue: flags[scalar]) }

  /// The flags of the scalar at `index` of valid UTF-8, and its length in bytes.
  @inline(__always)
  func at(_ index: Int, of bytes: Span<UInt8>) -> (flags: Flags, count: Int) {
    let byte = bytes[index]
    if byte < 0x80 { return (Flags(rawValue: flags[UInt32(byte)]), 1) }
    let (scalar, count) = decodeScalar(bytes, at: index)
    return (Flags(rawValue: flags[scalar]), count)
  }

  private init() {
    var flags = ScalarTable()
    func add(_ set: ScalarSet, _ flag: Flags) {
      for range in set.ranges { flags.update(range) { $0 | flag.rawValue } }
    }
    func add(_ table: StaticString, _ flag: Flags) { add(ScalarSet(table), flag) }
    add(.category("L"), .letter)
    add(.category("N"), .number)
    add(.space, .space)
    add(UnicodeSplittingTables.joinedToTheLeft, .joinsLeft)
    add(UnicodeSplittingTables.joinedToTheRight, .joinsRight)
    add(UnicodeSplittingTables.spacingMarks, .spacingMark)
    add(UnicodeSplittingTables.controls, .control)
    add(UnicodeSplittingTables.pictographs, .pictograph)
    add(UnicodeSplittingTables.conjunctConsonants, .conjunctConsonant)
    add(UnicodeSplittingTables.conjunctLinkers, .conjunctLinker)
    add(UnicodeSplittingTables.conjunctExtenders, .conjunctExtender)
    let hangul: [ClosedRange<UInt32>] = [0x1100...0x11FF, 0xA960...0xA97C, 0xAC00...0xD7FB]
    for range in hangul { flags.update(range) { $0 | Flags.hangul.rawValue } }
    for lineEnd: UInt32 in [0x0A, 0x0D] {
      flags.update(lineEnd...lineEnd) { $0 | Flags.lineEnd.rawValue }
    }
    self.flags = flags
  }
}
