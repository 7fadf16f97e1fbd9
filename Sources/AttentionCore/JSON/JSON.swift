/// A JSON value, parsed strictly according to RFC 8259, with limits for malicious files.
///
/// Foundation's parsers accept duplicate keys and any nesting depth, and convert every number to
/// `Double`. This parser refuses duplicate keys and deep nesting, and keeps the digits of numbers.
/// Swift compares strings by canonical equivalence, so two different keys of a vocabulary can be equal as
/// `String`; `JSONObject` therefore compares the UTF-8 bytes of keys. Arrays and objects decode their elements
/// when they are read: see `JSONDocument`.
package enum JSON: Sendable {
  case null
  case boolean(Bool)
  case number(JSONNumber)
  case string(String)
  case array(JSONArray)
  case object(JSONObject)

  /// Parses `bytes` as one JSON value.
  ///
  /// Throws for bytes that are "not UTF-8", a "duplicate key", "nesting" deeper than `nestingLimit` arrays
  /// and objects, "NaN" and "Infinity", a "number out of range" of
  /// `Double`, "trailing" bytes after the value, an escaped "lone surrogate" such as
  /// `"\ud800"`, a file that ends early ("truncated"), a byte-order mark, comments, and control characters in
  /// strings. The reason in the error contains the words in quotation marks.
  ///
  /// - Parameter acceptsNonFinite: whether to accept `NaN`, `Infinity`, `-Infinity` and numbers that are
  ///   infinite as `Double`, as Python's `json` does.
  /// - Throws: `JSONError`; `CancellationError` if the current task is cancelled.
  /// - Complexity: O(`bytes.count`) for any input, in time and in memory: at most four times the memory of
  ///   `bytes`, including `bytes`. Text with more values is refused: "too many values".
  package static func parse(
    _ bytes: [UInt8], nestingLimit: Int = 128, acceptsNonFinite: Bool = false
  ) throws -> JSON {
    guard bytes.count < UInt32.max else {
      throw JSONError(offset: 0, reason: "\(bytes.count) bytes, the limit is \(UInt32.max)")
    }
    var parser = JSONParser(
      bytes: bytes, nestingLimit: nestingLimit, acceptsNonFinite: acceptsNonFinite)
    return try Cancellation.checked { try parser.parseDocument() }
  }

  /// The kind of the value in error messages: "string", "integer", "number" and so on.
  package var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "boolean"
    case .number(let number): number.isInteger ? "integer" : "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }

  package var isNull: Bool {
    if case .null = self { true } else { false }
  }

  package var boolean: Bool? {
    if case .boolean(let value) = self { value } else { nil }
  }

  package var number: JSONNumber? {
    if case .number(let value) = self { value } else { nil }
  }

  /// The number, if it is written as an integer (not `1.0` or `1e3`) and fits into `Int`.
  package var integer: Int? { number?.integer }

  package var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  package var array: JSONArray? {
    if case .array(let value) = self { value } else { nil }
  }

  package var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// Calls `body` with each element of an array, or with a value that is not an array.
  package func forEachElement<Failure>(
    _ body: (JSON) throws(Failure) -> Void
  ) throws(Failure) {
    guard let array else { return try body(self) }
    for element in array { try body(element) }
  }
}

/// A JSON number as text: `1`, `1.0` and `1e0` are different.
package struct JSONNumber: Sendable {
  package let text: String
  /// Whether the number is written without a fraction and an exponent. It may be too large for `Int`.
  package let isInteger: Bool

  /// The value, if it is written as an integer and fits into `Int`.
  package var integer: Int? { isInteger ? Int(text) : nil }

  /// The nearest `Double`: infinite for texts such as `1e999` and `Infinity`, NaN for `NaN`.
  package var double: Double { Double(text) ?? .nan }
}

/// An error in JSON: the byte offset and the reason.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  package let offset: Int
  package let reason: String

  package var description: String { "JSON, byte \(offset): \(reason)" }
}
