/// A recursive-descent parser for RFC 8259. The nesting limit bounds the stack depth.
///
/// The parser checks the text and records where the values are; `JSONDocument` decodes them.
struct JSONParser {
  private let bytes: [UInt8]
  private let nestingLimit: Int
  private let acceptsNonFinite: Bool
  private var position = 0
  private var depth = 0
  private var cancellation = CancellationSteps()
  /// See `JSONDocument`.
  private var tape: [UInt32] = []
  /// The objects with several members, as indices of the tape.
  private var objects: [UInt32] = []

  init(bytes: [UInt8], nestingLimit: Int, acceptsNonFinite: Bool) {
    self.bytes = bytes
    self.nestingLimit = nestingLimit
    self.acceptsNonFinite = acceptsNonFinite
  }

  mutating func parseDocument() throws(JSONError) -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure("a byte-order mark is not JSON") }
    let size = JSONSize(bytes)
    do {
      tape.reserveCapacity(try size.tapeCount())
    } catch {
      guard size.depth <= nestingLimit else { throw nestingFailure }
      throw error
    }
    try parseValue()
    skipWhitespace()
    guard position == bytes.count else { throw failure("trailing bytes after the value") }
    return try JSONDocument(
      bytes: bytes, tape: tape, objects: objects, isStrict: !acceptsNonFinite
    ).value(at: 0)
  }

  private mutating func parseValue() throws(JSONError) {
    if cancellation.isRequested() { throw failure("cancelled") }
    skipWhitespace()
    guard position < bytes.count else { throw failure("truncated: expected a value") }
    record()
    switch bytes[position] {
    case UInt8(ascii: "\""): try parseString()
    case UInt8(ascii: "{"): try nested { parser throws(JSONError) in try parser.parseObject() }
    case UInt8(ascii: "["): try nested { parser throws(JSONError) in try parser.parseArray() }
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): try parseNumber()
    case UInt8(ascii: "t") where take("true"): return
    case UInt8(ascii: "f") where take("false"): return
    case UInt8(ascii: "n") where take("null"): return
    case UInt8(ascii: "N") where take("NaN"): try requireNonFinite()
    case UInt8(ascii: "I") where take("Infinity"): try requireNonFinite()
    default:
      throw unexpected(wanted: "a value")
    }
  }

  /// Records that a value or a key begins here.
  private mutating func record() { tape.append(UInt32(truncatingIfNeeded: position)) }

  private var nestingFailure: JSONError {
    failure("nesting deeper than \(nestingLimit) arrays and objects")
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> Void
  ) throws(JSONError) {
    guard depth < nestingLimit else {
      throw nestingFailure
    }
    let endEntry = tape.count
    tape.append(0)
    depth += 1
    position += 1
    try body(&self)
    depth -= 1
    tape[endEntry] = UInt32(truncatingIfNeeded: tape.count)
  }

  private mutating func parseArray() throws(JSONError) {
    if takeAfterWhitespace(UInt8(ascii: "]")) { return }
    while true {
      try parseValue()
      if takeAfterWhitespace(UInt8(ascii: "]")) { return }
      guard takeAfterWhitespace(UInt8(ascii: ",")) else { throw unexpected(wanted: "',' or ']'") }
    }
  }

  private mutating func parseObject() throws(JSONError) {
    let object = tape.count - 2
    if takeAfterWhitespace(UInt8(ascii: "}")) { return }
    var hasSeveral = false
    while true {
      skipWhitespace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw unexpected(wanted: "a key in quotes")
      }
      record()
      try parseString()
      guard takeAfterWhitespace(UInt8(ascii: ":")) else { throw unexpected(wanted: "':'") }
      try parseValue()
      if takeAfterWhitespace(UInt8(ascii: "}")) { break }
      guard takeAfterWhitespace(UInt8(ascii: ",")) else { throw unexpected(wanted: "',' or '}'") }
      hasSeveral = true
    }
    if hasSeveral { objects.append(UInt32(truncatingIfNeeded: object)) }
  }

  private mutating func parseNumber() throws(JSONError) {
    let start = position
    if bytes[position] == UInt8(ascii: "-") {
      position += 1
      if take("Infinity") { return try requireNonFinite() }
    }
    let firstDigit = position
    guard skipDigits() > 0 else { throw unexpected(wanted: "a digit") }
    if bytes[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
      throw JSONError(offset: firstDigit, reason: "a number with a leading zero")
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      guard skipDigits() > 0 else { throw unexpected(wanted: "a digit") }
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count,
        bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      guard skipDigits() > 0 else { throw unexpected(wanted: "a digit") }
    }
    guard acceptsNonFinite || isFinite(start..<position) else {
      throw JSONError(offset: start, reason: "a number out of range")
    }
  }

  /// Whether a number is in the range of `Double`. Parsers of Rust refuse other numbers, such as `1e999`.
  private func isFinite(_ range: Range<Int>) -> Bool {
    // The largest `Double` has 309 digits.
    range.count < 309 && !bytes[range].contains { $0 | 0x20 == UInt8(ascii: "e") }
      || Double(String(decoding: bytes[range], as: UTF8.self))?.isFinite ?? false
  }

  private func requireNonFinite() throws(JSONError) {
    guard acceptsNonFinite else { throw failure("NaN and Infinity are not JSON") }
  }

  private mutating func skipDigits() -> Int {
    let start = position
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    return position - start
  }

  private mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func takeAfterWhitespace(_ byte: UInt8) -> Bool {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(_ word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    let matches = word.withUTF8Buffer { buffer in
      end <= bytes.count && bytes[position..<end].elementsEqual(buffer)
    }
    if matches { position = end }
    return matches
  }
}

// MARK: - Strings

extension JSONParser {
  /// Checks the string that begins here: its escapes, and that it is UTF-8.
  private mutating func parseString() throws(JSONError) {
    position += 1
    let start = position
    // ASCII is valid UTF-8, and checking is slow for short texts.
    var isASCII = true
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        if !isASCII { try requireUTF8(start..<position) }
        position += 1
        return
      case UInt8(ascii: "\\"): _ = try JSONEscape.scalar(in: bytes, at: &position)
      case 0..<0x20: throw failure("a control character inside a string")
      default: if !skipPlainBytes() { isASCII = false }
      }
    }
    throw failure("truncated: a string that does not end")
  }

  /// Skips to the next quote, backslash or control character; returns whether the skipped bytes are ASCII.
  private mutating func skipPlainBytes() -> Bool {
    var union: UInt8 = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
      union |= byte
      position += 1
    }
    return union < 0x80
  }

  /// Escapes are ASCII, so they cannot hide a scalar that is cut.
  private func requireUTF8(_ range: Range<Int>) throws(JSONError) {
    guard String(validating: bytes[range], as: UTF8.self) != nil else {
      throw JSONError(offset: range.lowerBound, reason: "a string that is not UTF-8")
    }
  }
}

// MARK: - Errors

extension JSONParser {
  private func failure(_ reason: String) -> JSONError {
    JSONError(offset: position, reason: reason)
  }

  private func unexpected(wanted: String) -> JSONError {
    guard position < bytes.count else { return failure("truncated: expected \(wanted)") }
    let byte = bytes[position]
    guard byte >= 0x80 else {
      return failure(
        "expected \(wanted), got \(quoted(String(Unicode.Scalar(byte))))")
    }
    let rest = bytes[position..<min(position + 4, bytes.count)]
    var decoder = UTF8()
    var iterator = rest.makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else {
      return failure("not UTF-8")
    }
    return failure("expected \(wanted), got \(quoted(String(scalar)))")
  }
}
