import Foundation
import TestSupport

/// The texts that the README, the articles and the help texts quote.
enum ShownTexts {
  /// The sentences of every quoted text, by the file that quotes it.
  static func sentences() throws -> [String: Set<String>] {
    let root = ArticleCode.root(of: #filePath, depth: 3)
    let sources = root.appendingPathComponent("Sources")
    var found = try ArticleCode.files(in: sources, named: ".md")
      .filter { $0.key.contains(".docc/") }.mapValues { quoted(in: $0) }
    let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    found["README.md"] = quoted(in: readme)
    for (name, source) in try ArticleCode.files(
      in: sources.appendingPathComponent("attend"), named: ".swift")
    {
      // In source code, only the example commands of help texts.
      let commands = source.split(separator: "\n").filter { $0.contains(/^\s+attend\s[a-z]+\s/) }
      found["attend/" + name] = quoted(in: commands.joined(separator: "\n"))
    }
    return found.mapValues { Set($0.flatMap(sentences(of:))) }.filter { !$0.value.isEmpty }
  }

  /// The sentences of a text, whose last full stop may be missing.
  static func sentences(of text: String) -> [String] {
    text.matches(of: /[^.?]+[.?]?/).map { $0.output.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  /// Texts between quotes, or lines between triple quotes, that begin with a capital letter and have
  /// several words and nothing but words, commas, full stops and question marks.
  private static func quoted(in text: String) -> [String] {
    let long = text.matches(of: /"""\n([^"]+)\n *"""/).map {
      $0.output.1.replacing(/\\?\n */, with: " ").replacing(/\s\s+/, with: " ")
        .trimmingCharacters(in: .whitespaces)
    }
    let short = text.matches(of: /"([^"\n]+)"/).map { String($0.output.1) }
    return (long + short).filter {
      $0.wholeMatch(of: /[A-Z][a-z']*,?(\s[A-Za-z',]+[.?]?)+\s?/) != nil
    }
  }
}
