import Foundation
import TestSupport
import Testing

/// The README shows only output that its commands have here, too.
struct ReadmeTests {
  @Test func `the commands of "Text in, text out" print what the README shows`() throws {
    let readme = try String(
      contentsOf: ArticleCode.root(of: #filePath).appendingPathComponent("README.md"),
      encoding: .utf8)
    let section = try #require(readme.components(separatedBy: "\n## Text in, text out\n").last)
    // Commands are indented, and their output stands between fences right below.
    let example = try #require(
      section.firstMatch(of: /\n\n((?:    .*\n)+)\n```\n((?:.+\n)+)```\n/))
    let run = try shell(
      "set -e\n" + example.output.1.replacing("Scripts/attend", with: "\"$0\""))
    #expect(run.status == 0, "\(run)")
    let shown = example.output.2.split(separator: "\n")
    #expect(shown.count == 3 && run.outputLines.count == shown.count, "\(run)")
    for (line, shown) in zip(run.outputLines, shown) {
      // Times differ, and are left out.
      let start = shown.hasSuffix("…}") ? shown.dropLast(2) : shown
      #expect(start.count == shown.count ? line == shown : line.hasPrefix(start))
    }
  }
}
