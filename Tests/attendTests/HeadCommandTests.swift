import Foundation
import TestSupport
import Testing

/// `classify`, `tag`, `fill`, `rerank`, `similarity` and extractive `answer`, with the demo models.
@Suite struct HeadCommandTests {
  private func run(_ arguments: String..., input: String? = nil) throws -> AttendRun {
    try attend(arguments, input: input.map { Array($0.utf8) })
  }

  private func objects(_ run: AttendRun) throws -> [[String: Any]] {
    #expect(run.status == 0, "\(run)")
    return try run.outputLines.map(jsonObject)
  }

  @Test func `A sentence gets its label`() throws {
    let result = try run("classify", "I love this film.")
    #expect(result.status == 0 && result.output.hasPrefix("positive "), "\(result)")
    #expect(result.error.contains("No --model: using toy-sentiment"), "\(result)")
    let lines = try objects(
      run(
        "classify", "--model", "toy-sentiment", "--format", "jsonl",
        input: "I love this film.\nI hate this film.\n"))
    let labels = try lines.map { try #require($0["labels"] as? [[String: Any]]) }
    #expect(labels.map { $0[0]["label"] as? String } == ["positive", "negative"])
    #expect(labels.allSatisfy { $0.count == 3 })
    let sums = labels.map { $0.compactMap { $0["score"] as? Double }.reduce(0, +) }
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-5 }, "\(sums)")
    let top = try run("classify", "--model", "toy-sentiment", "--top", "2", "I love this film.")
    #expect(top.output.contains("positive ") && top.output.contains(", "), "\(top)")
  }

  @Test func `A sentence gets one of the chosen labels`() throws {
    let result = try run("classify", "--labels", "food, music", "Anna cooks the soup.")
    #expect(result.status == 0 && result.output.hasPrefix("food "), "\(result)")
    let line = try objects(
      run(
        "classify", "--model", "toy-nli", "--labels", "music,food", "--several", "--format",
        "jsonl", "Anna cooks the soup."))[0]
    let labels = try #require(line["labels"] as? [[String: Any]])
    #expect(labels.map { $0["label"] as? String } == ["food", "music"], "\(line)")
  }

  @Test func `Names have their places`() throws {
    let text = "My name is Sarah and I live in London."
    let result = try run("tag", "--aggregation", "first", text)
    #expect(result.status == 0, "\(result)")
    let words = result.outputLines.map { $0.split(separator: " ").map(String.init) }
    #expect(words.map { $0[0] } == ["PER", "LOC"], "\(result)")
    #expect(words.map { $0[2] } == ["11..<16", "31..<37"], "\(result)")
    #expect(words.map { $0[3] } == ["Sarah", "London"], "\(result)")
    let line = try objects(
      run("tag", "--model", "toy-names", "--aggregation", "first", "--format", "jsonl", text))[0]
    let entities = try #require(line["entities"] as? [[String: Any]])
    #expect(entities.map { $0["start"] as? Int } == [11, 31])
    #expect(entities.map { $0["end"] as? Int } == [16, 37])
    #expect(entities.map { $0["text"] as? String } == ["Sarah", "London"])
    let none = try run("tag", "--model", "toy-names", "The old man sat in the garden.")
    #expect(none.output == "  no entities\n", "\(none)")
  }

  @Test func `A mask is filled`() throws {
    let result = try run("fill", "Paris is the [MASK] of France.")
    #expect(result.status == 0, "\(result)")
    #expect(result.outputLines.count == 5, "\(result)")
    #expect(result.outputLines[0].hasSuffix("Paris is the capital of France."), "\(result)")
    let line = try objects(
      run(
        "fill", "--model", "toy-fill", "--top", "1", "--format", "jsonl",
        "Paris is the [MASK] of France."))[0]
    let masks = try #require(line["masks"] as? [[[String: Any]]])
    #expect(masks.count == 1 && masks[0].count == 1)
    #expect(masks[0][0]["token"] as? String == "capital")
  }

  @Test func `An answer is a part of the context`() throws {
    let context = "Anna is a teacher. She lives in a small house."
    let question = "Where does Anna live?"
    let result = try run("answer", "--model", "toy-answers", "--context", context, question)
    #expect(result.status == 0, "\(result)")
    let line = try objects(
      run(
        "answer", "--model", "toy-answers", "--context", context, "--format", "jsonl",
        "--answers", "3", question))[0]
    let answers = try #require(line["answers"] as? [[String: Any]])
    #expect(answers.count == 3)
    let (start, end) = (
      try #require(answers[0]["start"] as? Int), try #require(answers[0]["end"] as? Int)
    )
    let scalars = Array(context.unicodeScalars)[start..<end].map(String.init).joined()
    #expect(answers[0]["text"] as? String == scalars)
    #expect(scalars.hasSuffix("a small house"), "\(line)")
    #expect(result.output.contains("\(start)..<\(end)  \(scalars)\n"), "\(result)")
  }

  @Test func `Passages are sorted by the query`() throws {
    let passages = """
      The office is open from nine to five.
      I forgot my password and cannot log in.
      The invoice is wrong.
      """
    let result = try run("rerank", "How do I reset my password?", input: passages)
    #expect(result.status == 0 && result.outputLines.count == 3, "\(result)")
    #expect(result.outputLines[0].contains("  2  I forgot my password"), "\(result)")
    let lines = try objects(
      run(
        "rerank", "--model", "toy-rerank", "--top", "2", "--format", "jsonl",
        "How do I reset my password?", input: passages))
    #expect(lines.map { $0["rank"] as? Int } == [1, 2])
    #expect(lines[0]["index"] as? Int == 1)
    let scores = lines.compactMap { $0["score"] as? Double }
    #expect(scores[0] >= scores[1])
  }

  @Test func `Texts are compared in pairs`() throws {
    let directory = try TemporaryDirectory()
    let model = try TinyModel.write(to: directory)
    let pair = try run("similarity", "--model", model, "the cat", "the cat")
    #expect(pair.output == "1.0000\n", "\(pair)")
    let table = try run("similarity", "--model", model, "the cat", "sat", "on the mat")
    #expect(table.outputLines.count == 4 && table.output.contains("1.00"), "\(table)")
    let lines = try objects(
      run(
        "similarity", "--model", model, "--format", "jsonl", input: "the cat\nsat\non the mat\n"))
    let rows = try lines.map { try #require($0["similarities"] as? [Double]) }
    for (row, column) in [(0, 1), (0, 2), (1, 2)] {
      #expect(abs(rows[row][column] - rows[column][row]) < 1e-6)
      #expect(abs(rows[row][row] - 1) < 1e-6)
    }
    let one = try run("similarity", "--model", model, "the cat")
    #expect(one.status == 2 && one.error.contains("at least two texts, got 1"), "\(one)")
  }

  @Test(
    arguments: [
      (["fill", "no mask"], "text 1: no mask: expected [MASK]", Int32(1)),
      (["fill", "--targets", "", "a [MASK]"], "--targets: expected at least one", 2),
      (["fill", "--top", "0", "a [MASK]"], "--top: expected at least 1", 2),
      (["classify", "--several", "x"], "--several needs --labels", 2),
      (["classify", "--labels", " , ", "x"], "--labels: expected at least one label", 2),
      (["classify", "--labels", "a", "--template", "b", "x"], "--template: expected {}", 2),
      (
        ["classify", "--model", "toy-names", "x"], "unsupported head \"token classification\"", 1
      ),
      (["tag", "--overlap", "-1", "x"], "--overlap", 2),
      (["tag", "--aggregation", "last", "x"], "'average' or 'max'", 2),
      (["rerank", "q", "--top", "0", "x"], "--top: expected at least 1", 2),
      (
        ["answer", "--model", "toy-answers", "--answers", "0", "--context", "x", "y"], "--answers",
        2
      ),
      (["classify"], "no text", 2), (["rerank", "q"], "no text", 2),
    ] as [([String], String, Int32)])
  func `An error names the flag or the text`(
    arguments: [String], message: String, status: Int32
  ) throws {
    let result = try attend(arguments)
    #expect(result.status == status, "\(result)")
    #expect(result.error.contains(message), "\(result)")
    #expect(result.outputBytes.isEmpty)
  }

  @Test func `A word that a demo model does not know is named`() throws {
    let result = try run("classify", "I love this zeppelin.")
    #expect(result.error.contains("toy-sentiment does not know this word: zeppelin"), "\(result)")
  }
}
