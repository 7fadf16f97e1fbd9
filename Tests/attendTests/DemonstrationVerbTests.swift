import Foundation
import TestSupport
import Testing

/// The verbs that write, with nothing downloaded: the toys that come with the package.
@Suite struct DemonstrationVerbTests {
  /// Runs a verb without --model, where no model has been fetched.
  private func run(_ arguments: String..., input: String? = nil) throws -> AttendRun {
    let directory = try TemporaryDirectory()
    return try attend(
      arguments, input: input.map { Array($0.utf8) },
      environment: ["XDG_CACHE_HOME": directory.path, "HF_HUB_CACHE": directory.path])
  }

  private func expect(
    _ run: AttendRun, _ output: String, toy: String, location: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == 0, "\(run)", sourceLocation: location)
    #expect(run.output == output + "\n", "\(run)", sourceLocation: location)
    #expect(
      run.error == "No --model: this is \(toy), a toy that knows a few hundred words.\n",
      sourceLocation: location)
  }

  @Test func `A sentence is translated, with a word about who does it`() throws {
    expect(
      try run("translate", "The cat sat on the mat."), "Le chat était assis sur le tapis.",
      toy: "toy-t5")
    let both = try run(
      "translate", "--from", "en", "--to", "fr",
      input: "The cat sat on the mat.\n\nThe cat sat on the mat.\n")
    #expect(both.outputLines.count == 3 && both.outputLines[1].isEmpty)
    #expect(both.outputLines[0] == both.outputLines[2])
  }

  @Test func `A text is summarized`() throws {
    let story = """
      Anna is a young teacher. She lives in a small house. In the morning, she went to the market.
      She bought a red hat there. She was very happy.
      """
    let summary = "Anna, a teacher, bought a red hat at the market and was happy."
    expect(try run("summarize", story), summary, toy: "toy-t5")
    expect(try run("summarize", input: story + "\n"), summary, toy: "toy-t5")
  }

  @Test func `A question is answered`() throws {
    let context = "The cat sat on the mat because it was tired."
    expect(
      try run("answer", "Where did the cat sit?", "--context", context), "on the mat",
      toy: "toy-t5")
    expect(
      try run("answer", "Why did the cat sit on the mat?", input: context), "because it was tired",
      toy: "toy-t5")
    // Of two colours, that of what is asked for.
    let colours = "Anna is a teacher. She bought a red hat. The blue book is under the chair."
    for (question, answer) in [
      ("What colour is the hat?", "red"), ("What colour is the book?", "blue"),
    ] {
      expect(try run("answer", question, "--context", colours), answer, toy: "toy-t5")
    }
  }

  @Test func `A text is continued`() throws {
    expect(
      try run("generate", "The cat sat", "--stop", "The horse", "--echo"),
      "The cat sat in the garden because it was very tired. ", toy: "toy-gpt2")
    let drawn = try run("generate", "The cat sat", "--seed", "1", "--results", "2")
    #expect(drawn.status == 0, "\(drawn)")
    #expect(drawn.outputLines.count >= 3)
  }

  // MARK: - Words that a toy does not know

  private static let introduction =
    "No --model: this is toy-t5, a toy that knows a few hundred words.\n"

  @Test func `Words that a toy does not know are named on standard error`() throws {
    let one = try run("translate", "The zebra sat on the mat.")
    #expect(one.status == 0 && !one.output.isEmpty, "\(one)")
    #expect(
      one.error == Self.introduction + "Warning: toy-t5 does not know this word: zebra\n", "\(one)")
    let two = try run("summarize", "Zebra, and a GIRAFFE; the zebra.")
    #expect(two.error.hasSuffix("does not know these words: Zebra, GIRAFFE\n"), "\(two)")
    // In the question and in the context; by name, and in each spelling.
    let answer = try run(
      "answer", "--model", "toy-t5", "Where is Bob?", "--context", "Bob is a wizard.")
    #expect(answer.error == "Warning: toy-t5 does not know these words: Bob, wizard\n", "\(answer)")
    let generated = try run("generate", "The queen sat", "--max-tokens", "1")
    #expect(generated.error.contains("toy-gpt2 does not know this word: queen"), "\(generated)")
    #expect(try run("generate", "THE CAT’S", "--max-tokens", "1").error.contains(": CAT'S\n"))
  }

  @Test func `Each unknown word is named once for all lines, and a hundred at most`() throws {
    let lines = (0..<40).map { line in
      (0..<5).map { "w\(line)x\($0)" }.joined(separator: " ") + " w0x0 cat"
    }
    let run = try run(
      "translate", "--max-tokens", "1", input: lines.joined(separator: "\n"))
    #expect(run.status == 0)
    let warnings = run.error.split(separator: "\n").filter { $0.hasPrefix("Warning: ") }
    // The last line is of one chunk of texts at most.
    let named = warnings.dropLast().flatMap {
      $0.split(separator: ": ").last?.split(separator: ", ") ?? []
    }
    #expect((100..<180).contains(named.count), "\(run)")
    #expect(Set(named).count == named.count, "\(run)")
    #expect(warnings.last == "Warning: further unknown words are not listed", "\(run)")
    let many = try self.run(
      "translate", "--max-tokens", "1", (0..<30).map { "w\($0)" }.joined(separator: " "))
    #expect(many.error.hasSuffix(", w19 and 10 more\n"), "\(many)")
  }

  @Test func `The JSON of a text with unknown words is that of any other`() throws {
    let run = try run("translate", "The zebra sat.", "--format", "jsonl")
    #expect(run.outputLines.count == 1)
    #expect(try jsonObject(run.output)["text"] as? String == "The zebra sat.")
    #expect(run.error.contains("zebra"))
  }

  @Test func `Other models warn of nothing`() throws {
    let directory = try TemporaryDirectory()
    let model = try TinyGPT2.write(to: directory, named: "toy-gpt2")
    #expect(try run("generate", "zebra", "--model", model, "--max-tokens", "1").error.isEmpty)
  }
}
