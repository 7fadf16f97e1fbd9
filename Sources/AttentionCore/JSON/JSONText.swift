/// Writes JSON, with keys in the given order.
package enum JSONText {
  /// `{"key": value, …}` from values that are JSON text.
  package static func object(_ members: KeyValuePairs<String, String>) -> String {
    object(members.map { ($0.key, $0.value) })
  }

  /// `{"key": value, …}` from values that are JSON text.
  package static func object(_ members: [(key: String, value: String)]) -> String {
    "{\(members.map { "\(string($0.key)): \($0.value)" }.joined(separator: ", "))}"
  }

  /// `[value, …]` from values that are JSON text.
  package static func array(_ elements: some Sequence<String>) -> String {
    "[\(elements.joined(separator: ", "))]"
  }

  /// The shortest decimal that parses to the same Float; `null` for NaN and infinities, which JSON does not
  /// have.
  package static func number(_ value: Float) -> String {
    value.isFinite ? "\(value)" : "null"
  }

  /// The shortest decimal that parses to the same Double; `null` for nil, NaN and infinities.
  package static func number(_ value: Double?) -> String {
    value.map { $0.isFinite ? "\($0)" : "null" } ?? "null"
  }

  /// A quoted string with the escapes that RFC 8259 requires.
  package static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
