import Attention

/// `text` on one line of at most `columns` terminal cells. A longer text is cut and ends in "…"; white space
/// becomes spaces, and control characters are escaped.
func oneLine(_ text: String, columns: Int) -> String {
  var line = ""
  var width = 0
  var rest = text[...]
  while let character = rest.popFirst() {
    let shown = visible(character)
    let next = width + displayWidth(shown)
    // Keep the last cell for the ellipsis, unless the text ends here.
    guard next < columns || next == columns && rest.isEmpty else { return line + "…" }
    line += shown
    width = next
  }
  return line
}

/// A character with control characters and marks that change the text direction escaped, as `printable` does.
private func visible(_ character: Character) -> String {
  if character.isWhitespace { return " " }
  var result = String.UnicodeScalarView()
  for scalar in character.unicodeScalars {
    let category = scalar.properties.generalCategory
    // Keep U+200D, which joins the parts of an emoji.
    let isControl = category == .control || category == .format && scalar != "\u{200D}"
    if isControl {
      result.append(contentsOf: printable(String(scalar)).unicodeScalars)
    } else {
      result.append(scalar)
    }
  }
  return String(result)
}

/// The text with spaces before it.
func padded(_ text: String, to width: Int) -> String {
  String(repeating: " ", count: max(0, width - displayWidth(text))) + text
}
