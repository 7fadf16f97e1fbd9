/// Reads the header of an `.npy` file: the literal of a Python dictionary with three keys.
///
/// Not a reader of Python: a dictionary of strings, two keywords and tuples of integers, on one
/// level. Anything else is refused, and so are missing, doubled and unknown keys.
struct NPYHeaderParser {
  /// What is wrong with a header.
  struct Failure: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
  }

  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The three entries: the element type as text, the order of the axes, and the extents.
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
      guard take(":") else { throw Failure("the header has no ':' after '\(key)'") }
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
        throw Failure("the header's dictionary is broken after '\(key)'")
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

  /// A string for a plain type; a list of fields, which is refused by name, for a structured one.
  private mutating func elementType() throws(Failure) -> String {
    guard peek != UInt8(ascii: "[") else {
      let shown = bytes[position...].prefix(60)
      throw Failure("structured dtype \(Self.printable(shown))… is not supported")
    }
    return try string()
  }

  /// A string in either kind of quotes. Escapes have no use in the strings that may stand here.
  private mutating func string() throws(Failure) -> String {
    guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw Failure("the header has no string where one is needed, at byte \(position)")
    }
    position += 1
    let start = position
    while let byte = peek, byte != quote {
      guard byte != UInt8(ascii: "\\"), byte >= 0x20 else {
        throw Failure("the header has an escape or a control character in a string")
      }
      position += 1
    }
    guard peek == quote else { throw Failure("the header has a string without an end") }
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

  /// A tuple of integers: `()`, `(3,)`, `(2, 3)`, `(2, 3,)`. As in Python, `(3)` is none.
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

  /// Digits, with the `L` that Python 2 wrote after long ones.
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

  /// Text fit for an error message, whatever the bytes are.
  private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }
}
