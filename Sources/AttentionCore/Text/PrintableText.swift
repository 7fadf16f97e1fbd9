/// Text from a file for an error message: one line of at most `limit` scalars, without control characters.
package func printable(_ text: String, limit: Int = 120) -> String {
  let scalars = text.unicodeScalars
  let head = scalars.prefix(limit)
  var shown = String.UnicodeScalarView()
  for scalar in head {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: shown.append("\u{FFFD}")
    default: shown.append(scalar)
    }
  }
  return String(shown) + (head.endIndex < scalars.endIndex ? "…" : "")
}
