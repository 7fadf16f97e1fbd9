/// Wraps usage lines and help lines in errors, which the argument parser does not wrap.
enum UsageText {
  private static let columns = 80

  /// `text` without white space at its end, with the usage line wrapped between options, and an option's
  /// help line wrapped between words.
  static func wrapped(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let index = lines.firstIndex(where: { $0.lowercased().hasPrefix("usage: ") }) {
      lines[index] = wrapped(usage: lines[index])
    }
    if let index = lines.firstIndex(where: { $0.hasPrefix("Help:  ") }) {
      let words = lines[index].dropFirst(7).split(separator: " ").map(String.init)
      lines[index] = "Help:  " + wrapped(words, indent: "         ", firstIndent: 7)
    }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  private static func wrapped(usage: String) -> String {
    wrapped(
      parts(of: usage), indent: String(repeating: " ", count: "Usage: attend ".count),
      firstIndent: 0)
  }

  /// Joins parts with spaces and wraps lines. The first line starts at column `firstIndent`; the others
  /// start with `indent`.
  private static func wrapped(_ parts: [String], indent: String, firstIndent: Int) -> String {
    var lines: [String] = []
    var line = ""
    for part in parts {
      let columns = lines.isEmpty ? columns - firstIndent : columns
      if line.isEmpty {
        line = part
      } else if line.count + 1 + part.count > columns {
        lines.append(line)
        line = indent + part
      } else {
        line += " " + part
      }
    }
    return (lines + [line]).joined(separator: "\n")
  }

  /// Splits a usage line into words, but keeps an option and its value together.
  private static func parts(of usage: String) -> [String] {
    var parts: [String] = []
    for word in usage.split(separator: " ") {
      if let last = parts.last, isOpen(last) || last.hasPrefix("--") && word.hasPrefix("<") {
        parts[parts.count - 1] += " \(word)"
      } else {
        parts.append(String(word))
      }
    }
    return parts
  }

  private static func isOpen(_ part: String) -> Bool {
    part.count { $0 == "[" } > part.count { $0 == "]" }
  }
}
