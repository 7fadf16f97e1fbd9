import Foundation
import TestSupport
import Testing

/// The README shows the actual output of its commands and its program.
struct ReadmeTests {
  @Test func `the commands of "Command line" print what the README shows`() throws {
    let readme = try String(
      contentsOf: ArticleCode.root(of: #filePath).appendingPathComponent("README.md"),
      encoding: .utf8)
    let section = try #require(readme.components(separatedBy: "\n## Command line").last)
    // The commands are indented; their output follows between fences.
    let example = try #require(
      section.firstMatch(of: /\n\n((?:    .*\n)+)\n```\n((?:.+\n)+)```\n/))
    let run = try shell(
      "set -e\n" + example.output.1.replacing("Scripts/attend", with: "\"$0\""))
    #expect(run.status == 0, "\(run)")
    let shown = example.output.2.split(separator: "\n")
    #expect(shown.count == 5 && run.outputLines.count == shown.count, "\(run)")
    for (line, shown) in zip(run.outputLines, shown) {
      // Times differ and are not compared.
      let start = shown.hasSuffix("…}") ? shown.dropLast(2) : shown
      #expect(start.count == shown.count ? line == shown : line.hasPrefix(start))
    }
  }

  /// The program with the README's sample of text generation, which the build puts next to the tests.
  private static let program = Bundle.main.bundleURL.appendingPathComponent("ReadmeExample").path

  private static let printed = [
    "Le chat était assis sur le tapis.", "in a small house",
    " there was a young teacher named Paul. He went to the farm. He bought a big grey apple. "
      + "He was very happy.",
  ]

  @Test func `the program with the README's sample prints its texts in order`()
    throws
  {
    let run = try AttendProcess(Self.program, []).finished()
    #expect(run.status == 0, "\(run)")
    #expect(run.outputLines == Self.printed)
  }

  @Test(.enabled(if: Terminal.isAvailable))
  func `the program with the README's sample streams its story to a terminal`() throws {
    // On a busy machine the test may read the terminal only after the program has ended; then it retries.
    for _ in 0..<20 {
      let terminal = try Terminal(columns: 80)
      let process = try AttendProcess(Self.program, [], terminal: terminal.handle)
      var states: [String] = []
      var shown = ""
      while process.isRunning {
        usleep(500)
        let more = terminal.text()
        shown += more
        // A part of the story: its line is not complete.
        if !more.isEmpty, shown.last?.isNewline != true, shown.contains("house") {
          states.append(shown)
        }
      }
      shown += terminal.text()
      let run = try process.finished()
      #expect(run.status == 0, "\(run)")
      #expect(shown == Self.printed.map { $0 + "\r\n" }.joined())
      if states.count >= 3 { return }
    }
    Issue.record("in each of 20 runs, the story appeared all at once")
  }
}
