import Attention

/// `text` on one line of at most `columns` terminal cells: a text that is longer ends in "…", line feeds
/// and tabs become spaces, and control characters become U+FFFD.
func oneLine(_ text: String, columns: Int) -> String {
  var line = ""
  var width = 0
  var rest = text[...]
  while let character = rest.popFirst() {
    let shown = visible(character)
    let next = width + displayWidth(shown)
    // The last cell is for the ellipsis, unless the text ends here.
    guard next < columns || next == columns && rest.isEmpty else { return line + "…" }
    line += shown
    width = next
  }
  return line
}

/// A character with U+FFFD for each control character and each mark that changes the direction of text.
private func visible(_ character: Character) -> String {
  if character.isWhitespace { return " " }
  var result = String.UnicodeScalarView()
  for scalar in character.unicodeScalars {
    let category = scalar.properties.generalCategory
    // U+200D joins the parts of an emoji.
    let isControl = category == .control || category == .format && scalar != "\u{200D}"
    result.append(isControl ? "\u{FFFD}" : scalar)
  }
  return String(result)
}
