import Foundation
import TestSupport
import Testing

@Suite struct ExplainTests {
  private let directory: TemporaryDirectory
  private let model: String

  init() throws {
    directory = try TemporaryDirectory()
    model = try TinyModel.write(to: directory)
  }

  private func explain(_ arguments: String...) throws -> AttendRun {
    let run = try attend(["explain", "--model", model] + arguments)
    #expect(run.status == 0, "\(run)")
    #expect(run.error.isEmpty)
    return run
  }

  @Test func `JSON has the tokens and rows of weights that sum to 1`() throws {
    let run = try explain("the unbelievable cat", "--format", "json")
    #expect(run.outputLines.count == 1)
    let object = try jsonObject(run.output)
    #expect(object["text"] as? String == "the unbelievable cat")
    #expect(
      object["tokens"] as? [String]
        == ["[CLS]", "the", "un", "##believ", "##able", "cat", "[SEP]"])
    let weights = try #require(object["weights"] as? [[[[Double]]]])
    #expect(weights.count == TinyModel.layerCount)
    for rows in weights {
      #expect(rows.count == TinyModel.headCount)
      for row in rows.flatMap(\.self) {
        #expect(row.count == 7)
        #expect(abs(row.reduce(0, +) - 1) < 1e-5)
      }
    }
  }

  @Test func `The JSON of one head equals its part of the JSON of all heads`() throws {
    let all = try jsonObject(explain("the cat", "--format", "json").output)
    let one = try jsonObject(
      explain("the cat", "--format", "json", "--layer", "1", "--head", "0").output)
    let weights = try #require(all["weights"] as? [[[[Double]]]])
    #expect(one["weights"] as? [[[[Double]]]] == [[weights[1][0]]])
    #expect(one["layers"] as? [Int] == [1])
    #expect(one["heads"] as? [Int] == [0])
  }

  @Test func `A matrix has a row for each token, in percent`() throws {
    let run = try explain("the cat", "--layer", "1", "--head", "0")
    let object = try jsonObject(
      explain("the cat", "--layer", "1", "--head", "0", "--format", "json").output)
    let weights = try #require((object["weights"] as? [[[[Double]]]])?.first?.first)
    let rows = run.outputLines.suffix(4)
    for (row, expected) in zip(rows, weights) {
      // A row such as "  2 cat   ░ 7 ▒38 …": skip the index and the token.
      let numbers = row.split { "░▒▓█ ".contains($0) }.dropFirst(2).map { Int($0) ?? 0 }
      #expect(numbers == expected.map { Int(($0 * 100).rounded()) }, "\(run)")
    }
    #expect(!run.output.contains("\u{1B}"))
  }

  private func shown(environment: [String: String]) throws -> [String] {
    let terminal = try Terminal(columns: 30)
    let process = try AttendProcess(
      attendPath,
      ["explain", "--model", model, "the cat sat on the mat .", "--layer", "1", "--head", "0"],
      environment: ["TERM": "xterm-256color"].merging(environment) { $1 },
      terminal: terminal.handle)
    let run = try process.finished()
    #expect(run.status == 0, "\(run)")
    return terminal.lines()
  }

  @Test(.enabled(if: Terminal.isAvailable))
  func `A matrix on a terminal is colored and not wider than the terminal`() throws {
    let coloured = try shown(environment: [:])
    #expect(coloured.contains { $0.contains("\u{1B}[97;48;5;") })
    // Three heading lines, then a table with five of nine columns and one with four.
    let rows = coloured.dropFirst(3).map { $0.replacing(/\u{1B}\[[0-9;]*m/, with: "") }
    #expect(rows.count { $0.contains("[CLS]") } == 2)
    for row in rows { #expect(row.count <= 30, "\(row)") }
  }

  @Test(.enabled(if: Terminal.isAvailable), arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
  func `NO_COLOR and a dumb terminal turn colors off`(environment: [String: String]) throws {
    let plain = try shown(environment: environment)
    #expect(plain.contains { $0.contains("[CLS]") })
    #expect(!plain.contains { $0.contains("\u{1B}") })
  }

  @Test func `The heads of a word are listed by weight, the largest first`() throws {
    let run = try explain("the cat sat on the mat", "--token", "CAT", "--top", "3")
    #expect(run.output.contains("\"cat\" (token 2)"))
    let weights = run.outputLines.suffix(3).map { line in
      line.split(separator: " ").first.flatMap { Double($0) } ?? -1
    }
    #expect(weights == weights.sorted(by: >))
    #expect(weights.allSatisfy { (0...1).contains($0) })
  }

  @Test func `A word of several tokens is one word, and a word may occur twice`() throws {
    let pieces = try explain("the unbelievable cat", "--token", "unbelievable")
    #expect(pieces.output.contains("\"unbelievable\" (token 2)"))
    let twice = try explain("the cat sat on the mat", "--token", "the")
    #expect(twice.output.contains("(token 1,") && twice.output.contains("(token 5,"))
    let head = try explain(
      "the unbelievable cat", "--token", "unbelievable", "--layer", "0", "--head", "1")
    #expect(head.output.contains("layer 0, head 1"))
    let sum = head.outputLines.dropFirst(3)
      .compactMap { $0.split(separator: " ").first.flatMap { Double($0) } }.reduce(0, +)
    #expect(abs(sum - 1) < 0.01)
  }

  @Test func `--occurrence selects one of several equal words`() throws {
    let text = "the cat sat on the mat the"
    let all = try explain(text, "--token", "the")
    for (number, token) in [(1, 1), (2, 5), (3, 7)] {
      let one = try explain(text, "--token", "The", "--occurrence", "\(number)")
      #expect(one.output.contains("\"the\" (token \(token), occurrence \(number) of 3)"))
      #expect(one.output.count { $0 == "(" } == 1)
      // The same lines as in the output for all occurrences.
      for line in one.outputLines { #expect(all.outputLines.contains(line), "\(line)") }
    }
    let head = try explain(
      text, "--token", "the", "--occurrence", "2", "--layer", "0", "--head", "1")
    #expect(head.output.contains("occurrence 2 of 3) in layer 0, head 1"), "\(head)")
    // A word that occurs once is occurrence 1, and --occurrence is optional.
    let cat = try explain(text, "--token", "cat")
    #expect(try explain(text, "--token", "cat", "--occurrence", "1").output == cat.output)
  }

  @Test func `An error about --occurrence lists all occurrences`() throws {
    let run = try attend(
      "explain", "--model", model, "the cat sat on the mat", "--token", "the", "--occurrence", "3")
    #expect(run.status == 2, "\(run)")
    for word in [
      "--occurrence", "'the'", "3", "1 in \"[the] cat sat\"", "2 in \"sat on [the] mat\"",
    ] {
      #expect(run.error.contains(word), "\(run)")
    }
  }

  @Test func `Words with colons and digits are found like other words`() throws {
    let text = "the : 2 : the:2"
    let run = try explain(text, "--token", ":", "--occurrence", "3")
    #expect(run.output.contains("(token 6, occurrence 3 of 3)"), "\(run)")
  }

  @Test(arguments: ["", " ", "cat", "the cat"])
  func `A text without two non-adjacent words gets a message`(text: String) throws {
    #expect(try explain(text).output.contains("at least three words"))
    if text == "cat" {
      #expect(try explain(text, "--token", "cat").output.contains("no other word"))
    }
  }

  @Test func `A text that is too long for the model is refused`() throws {
    let run = try attend(
      "explain", String(repeating: "cat ", count: 20), "--model", model)
    #expect(run.status == 1)
    #expect(run.error.contains("22 tokens") && run.error.contains(" 16"), "\(run)")
  }

  @Test(.enabled(if: FetchedModel.isThere))
  func `The default model and text overview work without options`() throws {
    let run = try attend("explain", "The cat sat on the mat because it was tired.")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("6 layers × 12 heads, 13 tokens"))
    #expect(run.outputLines.contains { $0.hasPrefix("  it ") })
  }
}
