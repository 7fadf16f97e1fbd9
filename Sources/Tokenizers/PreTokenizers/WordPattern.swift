/// A hand-written scanner for the split patterns of GPT-2, Llama 3, Qwen 2 and CLIP: about 1.7 times as
/// fast as `PatternAutomaton` for the same patterns. Tests compare the two.
///
/// Each pattern has the same five kinds of alternatives, tried in this order: contractions, letters,
/// numbers, symbols and white space. The matches cover the whole text, except white space if `spaces` is
/// `.skipped`.
///
/// - Source: Radford et al. 2019 (GPT-2, `encoder.py`), and the `tokenizer.json` of the models.
struct WordPattern: Sendable {
  enum Contractions: Sendable {
    /// `'s|'t|'re|'ve|'m|'ll|'d`
    case lowercase
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
    case anyCase
  }

  enum LetterPrefix: Sendable {
    case nothing
    /// ` ?\p{L}+`
    case space
    /// `[^\r\n\p{L}\p{N}]?\p{L}+`
    case anything
  }

  enum Spaces: Sendable {
    /// White space is never part of a match.
    case skipped
    /// `\s+(?!\S)|\s+`: leaves the last space for the following word.
    case runs
    /// `\s*[\r\n]+|\s+(?!\S)|\s+`: as `runs`, but tries white space up to a line end first.
    case lines
  }

  var contractions: Contractions
  var letterPrefix: LetterPrefix
  /// Maximum numbers (`\p{N}`) per match.
  var numberLimit: Int
  /// ` ?\p{N}+` instead of `\p{N}+`.
  var numbersTakeSpace: Bool
  /// ` ?[^\s\p{L}\p{N}]+` instead of `[^\s\p{L}\p{N}]+`.
  var symbolsTakeSpace: Bool
  /// `[^\s\p{L}\p{N}]+[\r\n]*`
  var symbolsTakeLineEnds: Bool
  var spaces: Spaces

  /// GPT-2, RoBERTa and all `ByteLevel` pre-tokenizers with `use_regex`.
  static let gpt2 = WordPattern(
    contractions: .lowercase, letterPrefix: .space, numberLimit: .max, numbersTakeSpace: true,
    symbolsTakeSpace: true, symbolsTakeLineEnds: false, spaces: .runs)

  /// Llama 3 and other patterns derived from OpenAI's cl100k.
  static let llama3 = WordPattern(
    contractions: .anyCase, letterPrefix: .anything, numberLimit: 3, numbersTakeSpace: false,
    symbolsTakeSpace: true, symbolsTakeLineEnds: true, spaces: .lines)

  /// Qwen 2: as Llama 3, with one number per match.
  static let qwen2 = WordPattern(
    contractions: .anyCase, letterPrefix: .anything, numberLimit: 1, numbersTakeSpace: false,
    symbolsTakeSpace: true, symbolsTakeLineEnds: true, spaces: .lines)

  /// CLIP: skips white space.
  static let clip = WordPattern(
    contractions: .lowercase, letterPrefix: .nothing, numberLimit: 1, numbersTakeSpace: false,
    symbolsTakeSpace: false, symbolsTakeLineEnds: false, spaces: .skipped)

  /// The patterns as they are written in `tokenizer.json`.
  static let known: [(text: String, pattern: WordPattern)] = [
    (
      #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, .gpt2
    ),
    (
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"#
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#, .llama3
    ),
    (
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"#
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#, .qwen2
    ),
    (#"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#, .clip),
  ]

  /// The first match in `index..<end`; nil if there is none. The match starts at `index`, or after white
  /// space if `spaces` is `.skipped`. Both bounds must be scalar boundaries.
  @inline(__always)
  func nextMatch(in bytes: Span<UInt8>, from index: Int, to end: Int) -> Range<Int>? {
    let classes = TextClasses.shared
    var index = index
    if case .skipped = spaces {
      index = run(of: .space, bytes, from: index, to: end, classes)
    }
    guard index < end else { return nil }
    return index..<matchEnd(bytes, from: index, to: end, classes)
  }

  @inline(__always)
  private func matchEnd(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, _ classes: TextClasses
  ) -> Int {
    let byte = bytes[start]
    if byte == UInt8(ascii: "'"), let after = contraction(bytes, from: start, to: end) {
      return after
    }
    let (flags, count) = classes.at(start, of: bytes)
    if flags.contains(.letter) {
      return run(of: .letter, bytes, from: start + count, to: end, classes)
    }
    if flags.contains(.number) {
      return numbers(bytes, from: start + count, to: end, classes)
    }
    let next = start + count
    let following = next < end ? classes.at(next, of: bytes) : (flags: [], count: 0)
    let isSpace = byte == UInt8(ascii: " ")
    if following.flags.contains(.letter), mayPrecedeLetters(isSpace, flags) {
      return run(of: .letter, bytes, from: next + following.count, to: end, classes)
    }
    if isSpace, numbersTakeSpace, following.flags.contains(.number) {
      return numbers(bytes, from: next + following.count, to: end, classes)
    }
    if !flags.contains(.space) { return symbols(bytes, from: next, to: end, classes) }
    if isSpace, symbolsTakeSpace, next < end, following.flags.isDisjoint(with: .word) {
      return symbols(bytes, from: next + following.count, to: end, classes)
    }
    return spaceEnd(bytes, from: start, to: end, classes)
  }

  @inline(__always)
  private func mayPrecedeLetters(_ isSpace: Bool, _ flags: TextClasses.Flags) -> Bool {
    switch letterPrefix {
    case .nothing: false
    case .space: isSpace
    case .anything: !flags.contains(.lineEnd)
    }
  }

  /// The end of the match that starts with the white space at `start`. With `.lines`, the match ends at the
  /// last line end in the white space, if any. Otherwise the match has all of the white space at the end of
  /// the text. Before a word, the match leaves out the last white-space scalar, unless there is only one.
  private func spaceEnd(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, _ classes: TextClasses
  ) -> Int {
    var index = start
    var last = start
    var lineEnd: Int?
    while index < end {
      let (flags, count) = classes.at(index, of: bytes)
      guard flags.contains(.space) else { break }
      last = index
      index += count
      if flags.contains(.lineEnd) { lineEnd = index }
    }
    if case .lines = spaces, let lineEnd { return lineEnd }
    return index == end || last == start ? index : last
  }

  @inline(__always)
  private func symbols(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, _ classes: TextClasses
  ) -> Int {
    var index = start
    while index < end {
      let (flags, count) = classes.at(index, of: bytes)
      guard flags.isDisjoint(with: .word) else { break }
      index += count
    }
    guard symbolsTakeLineEnds else { return index }
    while index < end, bytes[index] == 0x0A || bytes[index] == 0x0D { index += 1 }
    return index
  }

  /// The end of a match of numbers whose first number ends at `start`.
  private func numbers(
    _ bytes: Span<UInt8>, from start: Int, to end: Int, _ classes: TextClasses
  ) -> Int {
    var index = start
    var found = 1
    while found < numberLimit, index < end {
      let (flags, count) = classes.at(index, of: bytes)
      guard flags.contains(.number) else { break }
      index += count
      found += 1
    }
    return index
  }

  @inline(__always)
  private func run(
    of flag: TextClasses.Flags, _ bytes: Span<UInt8>, from start: Int, to end: Int,
    _ classes: TextClasses
  ) -> Int {
    var index = start
    while index < end {
      let (flags, count) = classes.at(index, of: bytes)
      guard flags.contains(flag) else { break }
      index += count
    }
    return index
  }

  /// The end of the contraction that starts with the apostrophe at `start`; nil if there is none.
  private func contraction(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
    guard start + 1 < end else { return nil }
    var first = bytes[start + 1]
    var second = start + 2 < end ? bytes[start + 2] : 0
    if case .anyCase = contractions {
      // U+017F (long s) equals "s" if case is ignored.
      if first == 0xC5, second == 0xBF { return start + 3 }
      if (0x41...0x5A).contains(first) { first += 0x20 }
      if (0x41...0x5A).contains(second) { second += 0x20 }
    }
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return second == UInt8(ascii: "e") ? start + 3 : nil
    case UInt8(ascii: "l"):
      return second == UInt8(ascii: "l") ? start + 3 : nil
    default:
      return nil
    }
  }
}
