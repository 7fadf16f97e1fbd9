/// The argument parser's texts, with the one line that it does not wrap wrapped.
enum UsageText {
  private static let columns = 80

  /// `text` without white space at its end, and with its usage line cut between options.
  static func wrapped(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let index = lines.firstIndex(where: { $0.lowercased().hasPrefix("usage: ") }) {
      lines[index] = wrapped(usage: lines[index])
    }
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  private static func wrapped(usage: String) -> String {
    let indent = String(repeating: " ", count: "Usage: ".count + "attend ".count)
    var lines: [String] = []
    var line = ""
    for part in parts(of: usage) {
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

  /// The words of a usage line; an option stays together with its value.
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
