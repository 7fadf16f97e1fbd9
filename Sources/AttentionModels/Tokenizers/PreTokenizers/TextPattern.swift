/// What `Split` and `Replace` look for: a string, or one of the regular expressions that published
/// models have, each recognised as a whole.
///
/// There is no general engine, since a pattern in a file can be made to take exponential time.
enum TextPattern: Sendable {
  case literal([UInt8])
  /// A run of scalars of one kind, as long as possible but not longer than `limit`.
  case run(Kind, minimum: Int, limit: Int)
  case words(WordPattern)

  enum Kind: Sendable {
    case blank
    case space
    case number
    case numeric
    case digit
    case punctuation
  }

  /// Every pattern that is known, as it stands in the files.
  static let known: [(text: String, pattern: TextPattern)] = [
    (
      #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
      .words(.gpt2)
    ),
    (
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"#
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
      .words(.llama3)
    ),
    (
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"#
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#,
      .words(.qwen2)
    ),
    (#"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#, .words(.clip)),
    (#" {2,}"#, .run(.blank, minimum: 2, limit: .max)),
    (#"\s+"#, .run(.space, minimum: 1, limit: .max)),
    (#"\s"#, .run(.space, minimum: 1, limit: 1)),
    (#"\p{N}"#, .run(.number, minimum: 1, limit: 1)),
    (#"\p{N}+"#, .run(.number, minimum: 1, limit: .max)),
    (#"\p{N}{1,3}"#, .run(.number, minimum: 1, limit: 3)),
    (#"[0-9]"#, .run(.digit, minimum: 1, limit: 1)),
    (#"[0-9][0-9][0-9]"#, .run(.digit, minimum: 3, limit: 3)),
  ]

  /// The first match in `start..<end`; nil where there is none.
  @inline(__always)
  func nextMatch(in bytes: Span<UInt8>, from start: Int, to end: Int) -> Range<Int>? {
    switch self {
    case .words(let pattern):
      pattern.nextMatch(in: bytes, from: start, to: end)
    case .literal(let text):
      Self.nextLiteral(text, in: bytes, from: start, to: end)
    case .run(let kind, let minimum, let limit):
      Self.nextRun(of: kind, minimum, limit, in: bytes, from: start, to: end)
    }
  }

  private static func nextLiteral(
    _ text: [UInt8], in bytes: Span<UInt8>, from start: Int, to end: Int
  ) -> Range<Int>? {
    guard let first = text.first, end - start >= text.count else { return nil }
    var index = start
    while index <= end - text.count {
      if bytes[index] == first, matches(text, bytes, at: index) {
        return index..<index + text.count
      }
      index += 1
    }
    return nil
  }

  private static func matches(_ text: [UInt8], _ bytes: Span<UInt8>, at index: Int) -> Bool {
    for offset in 1..<max(text.count, 1) where text[offset] != bytes[index + offset] {
      return false
    }
    return true
  }

  private static func nextRun(
    of kind: Kind, _ minimum: Int, _ limit: Int, in bytes: Span<UInt8>, from start: Int,
    to end: Int
  ) -> Range<Int>? {
    var index = start
    var first = start
    var found = 0
    while index < end {
      let (isMember, count) = kind.contains(bytes, at: index)
      index += count
      if isMember {
        if found == 0 { first = index - count }
        found += 1
        if found == limit { return first..<index }
      } else {
        if found >= minimum { return first..<index - count }
        found = 0
      }
    }
    return found >= minimum ? first..<end : nil
  }
}

extension TextPattern.Kind {
  /// Whether the scalar at `index` is of this kind, and how many bytes it takes.
  @inline(__always)
  func contains(_ bytes: Span<UInt8>, at index: Int) -> (Bool, Int) {
    let (flags, count) = TextClasses.shared.at(index, of: bytes)
    switch self {
    case .blank: return (bytes[index] == 0x20, count)
    case .space: return (flags.contains(.space), count)
    case .number: return (flags.contains(.number), count)
    case .numeric: return (flags.contains(.numeric), count)
    case .digit: return ((0x30...0x39).contains(bytes[index]), count)
    case .punctuation:
      let scalar = decodeScalar(bytes, at: index).scalar
      return (UnicodeData.shared[scalar].properties.contains(.punctuation), count)
    }
  }
}

extension ConfigurationReader {
  /// The pattern under `key`, `{"String": …}` or `{"Regex": …}`, or a plain string in old files.
  func pattern(_ key: String) throws(ModelError) -> TextPattern {
    if let text = value(key)?.string { return try literal(text, key) }
    let section = try nested(key)
    if let text = try section.optionalString("String") { return try literal(text, key) }
    let text = try section.string("Regex")
    if let known = TextPattern.known.first(where: { $0.text.utf8.elementsEqual(text.utf8) }) {
      return known.pattern
    }
    throw ModelError.unsupported(
      path: path, what: "pattern \(text.debugDescription) in \(name(of: key))",
      supported: TextPattern.known.map(\.text))
  }

  private func literal(_ text: String, _ key: String) throws(ModelError) -> TextPattern {
    // Looking for long ones would make hostile texts slow; published ones have a few bytes.
    guard (1...128).contains(text.utf8.count) else {
      throw unsupported(
        "pattern", "of \(text.utf8.count) bytes in \(name(of: key))", supported: ["1 to 128 bytes"])
    }
    return .literal(Array(text.utf8))
  }
}
