/// Text from a file, an argument or the environment, for an error message or a terminal: one line without invisible
/// characters.
///
/// Characters that a terminal would obey or that would be invisible are escaped as in Swift: `\n`, `\t`, `\u{1b}`.
/// Applying the function twice changes nothing more.
///
/// - Parameter limit: the number of Unicode scalars to show; "…" stands for the rest.
package func printable(_ text: String, limit: Int = 120) -> String {
  var shown = String.UnicodeScalarView()
  var count = 0
  for scalar in text.unicodeScalars {
    guard count < limit else { return String(shown) + "…" }
    count += 1
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      shown.append(contentsOf: escape(of: scalar).unicodeScalars)
    default: shown.append(scalar)
    }
  }
  return String(shown)
}

/// Text from outside in quotation marks, as `printable` shows it. Quotation marks and backslashes are escaped.
package func quoted(_ text: String, limit: Int = 120) -> String {
  var shown = String.UnicodeScalarView()
  var count = 0
  var isCut = false
  for scalar in text.unicodeScalars {
    guard count < limit else {
      isCut = true
      break
    }
    count += 1
    if scalar == "\"" || scalar == "\\" { shown.append("\\") }
    shown.append(scalar)
  }
  return "\"\(printable(String(shown), limit: .max))\"" + (isCut ? "…" : "")
}

private func escape(of scalar: Unicode.Scalar) -> String {
  switch scalar {
  case "\n": "\\n"
  case "\r": "\\r"
  case "\t": "\\t"
  case "\0": "\\0"
  default: "\\u{\(String(scalar.value, radix: 16))}"
  }
}
