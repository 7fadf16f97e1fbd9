/// One JSON value, as strict as RFC 8259 and stricter where files come from strangers.
///
/// Foundation's readers accept the same key twice and any depth of nesting, and turn every number
/// into a `Double`; this one refuses the first two and keeps a number's digits as they stand.
/// Strings compare and hash by Unicode canonical equivalence in Swift, so two different keys of a
/// vocabulary can be equal as `String`: `JSONObject` therefore looks keys up by their UTF-8 bytes.
package enum JSON: Sendable {
  case null
  case boolean(Bool)
  case number(JSONNumber)
  case string(String)
  case array([JSON])
  case object(JSONObject)

  /// Reads the one value that `bytes` holds.
  ///
  /// Refused with a reason that contains the quoted words: bytes that are "not UTF-8", a
  /// "duplicate key", "nesting" deeper than `nestingLimit` arrays and objects, "NaN" and "Infinity",
  /// "trailing" bytes after the value, an escaped "lone surrogate" such as `"\ud800"`, a file that
  /// ends early ("truncated"), a byte-order mark, comments, and control characters in strings.
  ///
  /// - Parameter acceptsNonFinite: whether `NaN`, `Infinity` and `-Infinity` are numbers, as Python's
  ///   `json` reads and writes them.
  /// - Complexity: O(`bytes.count`), whatever the bytes are.
  package static func parse(
    _ bytes: [UInt8], nestingLimit: Int = 128, acceptsNonFinite: Bool = false
  ) throws(JSONError) -> JSON {
    var parser = JSONParser(
      bytes: bytes, nestingLimit: nestingLimit, acceptsNonFinite: acceptsNonFinite)
    return try parser.parseDocument()
  }

  /// The word for this value's kind in error messages: "string", "integer", "number" and so on.
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

  /// The number, where it is written as an integer and fits into `Int`: `1.0` and `1e3` do not.
  package var integer: Int? { number?.integer }

  package var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  package var array: [JSON]? {
    if case .array(let value) = self { value } else { nil }
  }

  package var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }
}

/// A JSON number as it stands in the file: `1`, `1.0` and `1e0` stay three different texts.
package struct JSONNumber: Sendable {
  package let text: String
  /// Whether it is written without fraction and exponent. It may still be too large for `Int`.
  package let isInteger: Bool

  /// The value, where it is written as an integer and fits into `Int`.
  package var integer: Int? { isInteger ? Int(text) : nil }

  /// The nearest `Double`: infinite for texts such as `1e999` and `Infinity`, NaN for `NaN`.
  package var double: Double { Double(text) ?? .nan }
}

/// Why some bytes are not JSON that this library accepts, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  package let offset: Int
  package let reason: String

  package var description: String { "JSON, byte \(offset): \(reason)" }
}
