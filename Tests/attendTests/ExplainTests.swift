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

  @Test(.enabled(if: Terminal.isAvailable), arguments: [("15;0", 17), ("0;15", 195)])
  func `A matrix on a terminal is colored and not wider than the terminal`(
    background: String, faintest: Int
  ) throws {
    let coloured = try shown(environment: ["COLORFGBG": background])
    // The smallest weights have the color next to the background.
    #expect(coloured.contains { $0.contains("48;5;\(faintest)m") }, "\(coloured)")
    // Three heading lines, then a table with the first columns and one with the last.
    let rows = coloured.dropFirst(3).map { $0.replacing(/\u{1B}\[[0-9;]*m/, with: "") }
    #expect(rows.count { $0.contains("[CLS]") } == 2)
    #expect(rows.contains("  columns 0 to 4") && rows.contains("  columns 5 to 8"))
    for row in rows { #expect(row.count <= 30, "\(row)") }
  }

  @Test(.enabled(if: Terminal.isAvailable))
  func `A matrix on a terminal of unknown background has bars`() throws {
    let shown = try shown(environment: ["COLORFGBG": ""])
    #expect(shown.contains { $0.contains("▁") } && !shown.contains { $0.contains("\u{1B}") })
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

  @Test func `A word is also chosen by its number among equal words, or by its token`() throws {
    let text = "the cat sat on the mat"
    let second = try explain(text, "--token", "the", "--occurrence", "2").output
    #expect(try explain(text, "--token", "the:2").output == second)
    #expect(try explain(text, "--token", "5").output == second)
    let run = try attend("explain", "--model", model, text, "--token", "the:3")
    #expect(run.status == 2 && run.error.contains("no occurrence 3"), "\(run)")
    #expect(try attend("explain", "--model", model, text, "--token", "99").status == 2)
  }

  @Test func `A pair has the tokens of both texts`() throws {
    let object = try jsonObject(explain("the cat", "--pair", "it sat", "--format", "json").output)
    #expect(
      object["tokens"] as? [String] == ["[CLS]", "the", "cat", "[SEP]", "it", "sat", "[SEP]"])
    #expect(object["pair"] as? String == "it sat")
  }

  @Test func `A decoder and an encoder–decoder are explained`() throws {
    let decoder = try jsonObject(
      attend("explain", "--model", "toy-gpt2", "The cat sat.", "--format", "json").output)
    #expect(decoder["attention"] as? String == "decoder")
    let rows = try #require(decoder["weights"] as? [[[[Double]]]])[0][0]
    #expect(rows[0].dropFirst().allSatisfy { $0 == 0 } && abs(rows[0][0] - 1) < 1e-6)

    // Several tokens are bytes of one letter.
    let letters = try attend("explain", "--model", "toy-gpt2", "a 猫 b c")
    #expect(letters.output.contains(" 猫 ") && !letters.output.contains("猫猫"), "\(letters)")

    // The pronoun is chosen by looking at the word that it stands for.
    for (word, pronoun, noun) in [("tired", "il", "animal"), ("wide", "elle", "street")] {
      let text = "The animal did not cross the street because it was too \(word)."
      let run = try attend("explain", "--model", "toy-t5", text)
      #expect(run.status == 0)
      // The first line of the word, and the lines below it without a word.
      let start = try #require(run.outputLines.firstIndex { $0.hasPrefix("  \(pronoun) ") })
      let lines =
        [run.outputLines[start].replacing(/^ *\S+ *→/, with: "")]
        + run.outputLines[(start + 1)...].prefix { !$0.contains("→") }
      let targets = lines.map { String($0.split(separator: " ")[0]) }
      #expect(targets.count == 3 && targets.contains(noun), "\(run)")
      #expect(!targets.contains(noun == "animal" ? "street" : "animal"), "\(run)")
    }
    let cross = try jsonObject(
      attend(
        "explain", "--model", "toy-t5", "The cat.", "--target", "le chat .", "--format", "json"
      ).output)
    let keys = try #require(cross["keys"] as? [String: Any])
    let shape = try #require(cross["weights"] as? [[[[Double]]]])
    #expect(shape[0][0].count == (cross["ids"] as? [Int])?.count)
    #expect(shape[0][0][0].count == (keys["ids"] as? [Int])?.count)
  }

  @Test func `A page and a figure are written to a file`() throws {
    let page = directory.path("page.html")
    #expect(try explain("the cat sat", "--output", page).output.isEmpty)
    let html = try String(contentsOfFile: page, encoding: .utf8)
    #expect(html.contains("<script type=\"application/json\" id=\"data\">"))
    for style in ["matrix", "arcs"] {
      let figure = directory.path("\(style).svg")
      _ = try explain(
        "the cat sat", "--layer", "1", "--head", "0", "--output", figure, "--figure", style)
      let svg = try String(contentsOfFile: figure, encoding: .utf8)
      #expect(svg.contains(">cat</text>") && svg.contains("layer 1, head 0"))
    }
  }

  @Test(arguments: [
    (["--output", "page.pdf"], ".html or .svg"), (["--output", "x.svg"], "--layer"),
    (["--figure", "arcs"], "--output FILE.svg"), (["--attention", "cross"], "only encoder"),
    (["--target", "cat"], "--target"), (["--output", "x.html", "--format", "json"], "--format"),
    (["--output", "/no/folder/x.html"], "--output"), (["--task", "x"], "task x"),
    (["--layer", "2"], "--layer"), (["--layer", "0", "--head", "2"], "--head"),
  ])
  func `Options that do not fit are refused`(arguments: [String], word: String) throws {
    let run = try attend(["explain", "--model", model, "the cat"] + arguments)
    #expect([1, 2].contains(run.status) && run.error.contains(word), "\(run)")
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
