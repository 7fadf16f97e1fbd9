/// The text as one word of a shell: quoted if necessary.
package func shellWord(_ text: String) -> String {
  let plain = "0123456789/._-+@:,=".unicodeScalars
  let isPlain = text.unicodeScalars.allSatisfy {
    $0.isASCII && ($0.properties.isAlphabetic || plain.contains($0))
  }
  return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
}
