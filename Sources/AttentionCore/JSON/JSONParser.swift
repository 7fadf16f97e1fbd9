/// A recursive-descent parser for RFC 8259. The nesting limit bounds the stack depth.
struct JSONParser {
  private let bytes: [UInt8]
  private let nestingLimit: Int
  private let acceptsNonFinite: Bool
  private var position = 0
  private var depth = 0
  private var cancellation = CancellationSteps()

  init(bytes: [UInt8], nestingLimit: Int, acceptsNonFinite: Bool) {
    self.bytes = bytes
    self.nestingLimit = nestingLimit
    self.acceptsNonFinite = acceptsNonFinite
  }

  mutating func parseDocument() throws(JSONError) -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure("a byte-order mark is not JSON") }
    let value = try parseValue()
    skipWhitespace()
    guard position == bytes.count else { throw failure("trailing bytes after the value") }
    return value
  }

  private mutating func parseValue() throws(JSONError) -> JSON {
    if cancellation.isRequested() { throw failure("cancelled") }
    skipWhitespace()
    guard position < bytes.count else { throw failure("truncated: expected a value") }
    switch bytes[position] {
    case UInt8(ascii: "\""):
      return .string(try parseString())
    case UInt8(ascii: "{"):
      return .object(try nested { parser throws(JSONError) in try parser.parseObject() })
    case UInt8(ascii: "["):
      return .array(try nested { parser throws(JSONError) in try parser.parseArray() })
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      return .number(try parseNumber())
    case UInt8(ascii: "t") where take("true"): return .boolean(true)
    case UInt8(ascii: "f") where take("false"): return .boolean(false)
    case UInt8(ascii: "n") where take("null"): return .null
    case UInt8(ascii: "N") where take("NaN"): return .number(try nonFinite("NaN"))
    case UInt8(ascii: "I") where take("Infinity"): return .number(try nonFinite("Infinity"))
    default:
      throw unexpected(wanted: "a value")
    }
  }

  private mutating func nested<Value>(
    _ body: (inout JSONParser) throws(JSONError) -> Value
  ) throws(JSONError) -> Value {
    guard depth < nestingLimit else {
      throw failure("nesting deeper than \(nestingLimit) arrays and objects")
    }
    depth += 1
    position += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func parseArray() throws(JSONError) -> [JSON] {
    var values: [JSON] = []
    if takeAfterWhitespace(UInt8(ascii: "]")) { return values }
    while true {
      values.append(try parseValue())
      if takeAfterWhitespace(UInt8(ascii: "]")) { return values }
      guard takeAfterWhitespace(UInt8(ascii: ",")) else { throw unexpected(wanted: "',' or ']'") }
    }
  }

  private mutating func parseObject() throws(JSONError) -> JSONObject {
    var object = JSONObject()
    if takeAfterWhitespace(UInt8(ascii: "}")) { return object }
    while true {
      skipWhitespace()
      let keyOffset = position
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw unexpected(wanted: "a key in quotes")
      }
      let key = try parseString()
      guard takeAfterWhitespace(UInt8(ascii: ":")) else { throw unexpected(wanted: "':'") }
      let value = try parseValue()
      guard object.insert(value, forKey: key) else {
        throw JSONError(offset: keyOffset, reason: "duplicate key \(key.debugDescription)")
      }
      if takeAfterWhitespace(UInt8(ascii: "}")) { return object }
      guard takeAfterWhitespace(UInt8(ascii: ",")) else { throw unexpected(wanted: "',' or '}'") }
    }
  }

  private mutating func parseNumber() throws(JSONError) -> JSONNumber {
    let start = position
    var isInteger = true
    if bytes[position] == UInt8(ascii: "-") {
      position += 1
      if take("Infinity") { return try nonFinite("-Infinity") }
    }
    let firstDigit = position
    guard skipDigits() > 0 else { throw unexpected(wanted: "a digit") }
    if bytes[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
      throw JSONError(offset: firstDigit, reason: "a number with a leading zero")
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      guard skipDigits() > 0 else { throw unexpected(wanted: "a digit") }
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if position < bytes.count,
        bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      guard skipDigits() > 0 else { throw unexpected(wanted: "a digit") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard acceptsNonFinite || Self.isFinite(text, isInteger: isInteger) else {
      throw JSONError(offset: start, reason: "a number out of range")
    }
    // Parsers of Rust read -0 as a floating-point number, Python's as an integer.
    return JSONNumber(text: text, isInteger: isInteger && (acceptsNonFinite || text != "-0"))
  }

  /// Whether a number is in the range of `Double`. Parsers of Rust refuse other numbers, such as `1e999`.
  private static func isFinite(_ text: String, isInteger: Bool) -> Bool {
    // The largest `Double` has 309 digits.
    isInteger && text.utf8.count < 309 || Double(text)?.isFinite ?? false
  }

  private func nonFinite(_ text: String) throws(JSONError) -> JSONNumber {
    guard acceptsNonFinite else { throw failure("NaN and Infinity are not JSON") }
    return JSONNumber(text: text, isInteger: false)
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
  private mutating func parseString() throws(JSONError) -> String {
    position += 1
    let start = position
    var isASCII = skipPlainBytes()
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
      let text = try decode(bytes[start..<position], isASCII: isASCII, at: start)
      position += 1
      return text
    }
    var content = Array(bytes[start..<position])
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let text = try decode(content[...], isASCII: isASCII, at: start)
        position += 1
        return text
      case UInt8(ascii: "\\"):
        let scalar = try parseEscape()
        if scalar.isASCII {
          content.append(UInt8(scalar.value))
        } else {
          content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
          isASCII = false
        }
      case 0..<0x20:
        throw failure("a control character inside a string")
      default:
        let plain = position
        if !skipPlainBytes() { isASCII = false }
        content.append(contentsOf: bytes[plain..<position])
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

  private func decode(
    _ content: ArraySlice<UInt8>, isASCII: Bool, at offset: Int
  ) throws(JSONError) -> String {
    // ASCII is valid UTF-8, and the validating initializer is slow for short texts.
    if isASCII { return String(decoding: content, as: UTF8.self) }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw JSONError(offset: offset, reason: "a string that is not UTF-8")
    }
    return text
  }

  /// The scalar of an escape sequence, or of two escape sequences for a surrogate pair.
  private mutating func parseEscape() throws(JSONError) -> Unicode.Scalar {
    let offset = position
    guard position + 1 < bytes.count else { throw failure("truncated: an escape in a string") }
    let letter = bytes[position + 1]
    position += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return Unicode.Scalar(0x08 as UInt8)
    case UInt8(ascii: "f"): return Unicode.Scalar(0x0C as UInt8)
    case UInt8(ascii: "n"): return Unicode.Scalar(0x0A as UInt8)
    case UInt8(ascii: "r"): return Unicode.Scalar(0x0D as UInt8)
    case UInt8(ascii: "t"): return Unicode.Scalar(0x09 as UInt8)
    case UInt8(ascii: "u"):
      var value = try parseHexadecimal()
      if value & 0xFC00 == 0xD800, take("\\u") {
        let low = try parseHexadecimal()
        guard low & 0xFC00 == 0xDC00 else {
          throw JSONError(offset: offset, reason: "a lone surrogate in a string")
        }
        value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
      }
      guard let scalar = Unicode.Scalar(value) else {
        throw JSONError(offset: offset, reason: "a lone surrogate in a string")
      }
      return scalar
    default:
      throw JSONError(offset: offset, reason: "an unknown escape in a string")
    }
  }

  private mutating func parseHexadecimal() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count,
        let digit = hexadecimalDigit(bytes[position])
      else { throw failure("an escape that needs four hexadecimal digits") }
      value = value << 4 | digit
      position += 1
    }
    return value
  }
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
  case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
  case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
  default: nil
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
        "expected \(wanted), got \(String(Unicode.Scalar(byte)).debugDescription)")
    }
    let rest = bytes[position..<min(position + 4, bytes.count)]
    var decoder = UTF8()
    var iterator = rest.makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else {
      return failure("not UTF-8")
    }
    return failure("expected \(wanted), got \(String(scalar).debugDescription)")
  }
}
