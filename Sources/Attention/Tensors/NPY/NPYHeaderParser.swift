/// Parses the header of an `.npy` file: the literal of a Python dictionary with three keys.
///
/// Accepts only a flat dictionary of strings, `True` or `False`, and tuples of integers. Rejects
/// other Python literals and missing, duplicate and unknown keys.
struct NPYHeaderParser {
  struct Failure: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
  }

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Returns the three entries: the element type as text, the order of the axes, and the extents.
  static func parse(
    _ bytes: [UInt8]
  ) throws(Failure) -> (description: String, isFortranOrder: Bool, dimensions: [Int]) {
    var parser = NPYHeaderParser(bytes)
    return try parser.dictionary()
  }

  private mutating func dictionary() throws(Failure) -> (String, Bool, [Int]) {
    var description: String?
    var isFortranOrder: Bool?
    var dimensions: [Int]?
    skipSpace()
    guard take("{") else { throw Failure("the header is not a dictionary") }
    skipSpace()
    while !take("}") {
      let key = try string()
      skipSpace()
      guard take(":") else { throw Failure("expected ':' after '\(key)' in the header") }
      skipSpace()
      switch key {
      case "descr":
        guard description == nil else { throw Failure("duplicate key 'descr' in the header") }
        description = try elementType()
      case "fortran_order":
        guard isFortranOrder == nil else {
          throw Failure("duplicate key 'fortran_order' in the header")
        }
        isFortranOrder = try boolean()
      case "shape":
        guard dimensions == nil else { throw Failure("duplicate key 'shape' in the header") }
        dimensions = try integers()
      default:
        throw Failure("unknown key '\(key)' in the header")
      }
      skipSpace()
      guard take(",") || peek == UInt8(ascii: "}") else {
        throw Failure("expected ',' or '}' after the value of '\(key)' in the header")
      }
      skipSpace()
    }
    skipSpace()
    guard peek == nil else { throw Failure("trailing characters after the header's dictionary") }
    guard let description else { throw Failure("missing key 'descr' in the header") }
    guard let isFortranOrder else { throw Failure("missing key 'fortran_order' in the header") }
    guard let dimensions else { throw Failure("missing key 'shape' in the header") }
    return (description, isFortranOrder, dimensions)
  }

  /// Parses a string. Rejects a structured type, which is a list of fields, and shows it in the
  /// error.
  private mutating func elementType() throws(Failure) -> String {
    guard peek != UInt8(ascii: "[") else {
      let shown = bytes[position...].prefix(60)
      throw Failure("structured dtype \(Self.printable(shown))… is not supported")
    }
    return try string()
  }

  /// Parses a string in single or double quotes. Rejects escapes: no valid header needs them.
  private mutating func string() throws(Failure) -> String {
    guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw Failure("expected a string at byte \(position) of the header")
    }
    position += 1
    let start = position
    while let byte = peek, byte != quote {
      guard byte != UInt8(ascii: "\\"), byte >= 0x20 else {
        throw Failure("a string in the header contains an escape or a control character")
      }
      position += 1
    }
    guard peek == quote else { throw Failure("unterminated string in the header") }
    defer { position += 1 }
    return Self.printable(bytes[start..<position].prefix(60))
  }

  private mutating func boolean() throws(Failure) -> Bool {
    let start = position
    while let byte = peek, byte | 0x20 >= UInt8(ascii: "a"), byte | 0x20 <= UInt8(ascii: "z") {
      position += 1
    }
    switch Self.printable(bytes[start..<position].prefix(60)) {
    case "True": return true
    case "False": return false
    default: throw Failure("fortran_order is neither True nor False")
    }
  }

  /// Parses a tuple of integers: `()`, `(3,)`, `(2, 3)`, `(2, 3,)`. As in Python, `(3)` is not a
  /// tuple.
  private mutating func integers() throws(Failure) -> [Int] {
    guard take("(") else { throw Failure("shape is not a tuple") }
    var integers: [Int] = []
    var endsInComma = true
    skipSpace()
    while !take(")") {
      guard endsInComma else { throw Failure("shape is not a tuple of integers") }
      integers.append(try integer())
      skipSpace()
      endsInComma = take(",")
      skipSpace()
    }
    guard endsInComma || integers.count != 1 else { throw Failure("shape is not a tuple") }
    return integers
  }

  /// Parses digits and the suffix `L` that Python 2 wrote after long integers.
  private mutating func integer() throws(Failure) -> Int {
    let isNegative = take("-")
    let start = position
    var value = 0
    while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      let (tens, tooMany) = value.multipliedReportingOverflow(by: 10)
      let (sum, tooMuch) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !tooMany, !tooMuch else {
        throw Failure("overflow: a dimension in the header exceeds \(Int.max)")
      }
      value = sum
      position += 1
    }
    guard position > start else { throw Failure("shape is not a tuple of integers") }
    guard position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
      throw Failure("shape has an integer with a leading zero")
    }
    _ = take("L")
    guard !isNegative || value == 0 else { throw Failure("negative dimension -\(value) in shape") }
    return value
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: scalar) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  /// The bytes as text for an error message, with `?` for everything that is not printable ASCII.
  private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }
}
