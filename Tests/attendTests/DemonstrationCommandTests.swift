import Foundation
import TestSupport
import Testing

/// The commands that generate text, with the demo models that come with the package.
@Suite struct DemonstrationCommandTests {
  /// Runs a command without --model and with an empty model cache.
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
    let lines = run.error.split(separator: "\n")
    #expect(lines.count == 1, "\(run)", sourceLocation: location)
    for word in ["No --model", toy] {
      #expect(run.error.contains(word), "\(run)", sourceLocation: location)
    }
  }

  @Test func `A sentence is translated, with a message about the model`() throws {
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
    // The text has two colors; the answer must be the color of the object in the question.
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
    let sampled = try run("generate", "The cat sat", "--seed", "1", "--results", "2")
    #expect(sampled.status == 0, "\(sampled)")
    #expect(sampled.outputLines.count >= 3)
  }

  // MARK: - Unknown words

  @Test func `Words outside a demo model's vocabulary are listed on standard error`() throws {
    let one = try run("translate", "The zebra sat on the mat.")
    #expect(one.status == 0 && !one.output.isEmpty, "\(one)")
    #expect(one.error.hasPrefix("No --model"), "\(one)")
    #expect(one.error.hasSuffix("\nWarning: toy-t5 does not know this word: zebra\n"), "\(one)")
    let two = try run("summarize", "Zebra, and a GIRAFFE; the zebra.")
    #expect(two.error.hasSuffix("does not know these words: Zebra, GIRAFFE\n"), "\(two)")
    // Unknown words in the question and in the context, with the model given by name.
    let answer = try run(
      "answer", "--model", "toy-t5", "Where is Bob?", "--context", "Bob is a wizard.")
    #expect(answer.error == "Warning: toy-t5 does not know these words: Bob, wizard\n", "\(answer)")
    let generated = try run("generate", "The queen sat", "--max-tokens", "1")
    #expect(generated.error.contains("toy-gpt2 does not know this word: queen"), "\(generated)")
    #expect(try run("generate", "THE CAT’S", "--max-tokens", "1").error.contains(": CAT'S\n"))
  }

  @Test func `Each unknown word is listed once for all lines, up to a limit`() throws {
    let lines = (0..<40).map { line in
      (0..<5).map { "w\(line)x\($0)" }.joined(separator: " ") + " w0x0 cat"
    }
    let run = try run(
      "translate", "--max-tokens", "1", input: lines.joined(separator: "\n"))
    #expect(run.status == 0)
    let warnings = run.error.split(separator: "\n").filter { $0.hasPrefix("Warning: ") }
    // The limit of 100 words is checked once per batch of texts, so a batch may exceed it. The last warning
    // says that the rest is not listed.
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

  @Test func `Unknown words do not change the JSON`() throws {
    let run = try run("translate", "The zebra sat.", "--format", "jsonl")
    #expect(run.outputLines.count == 1)
    #expect(try jsonObject(run.output)["text"] as? String == "The zebra sat.")
    #expect(run.error.contains("zebra"))
  }

  @Test func `Other models give no warnings`() throws {
    let directory = try TemporaryDirectory()
    let model = try TinyGPT2.write(to: directory, named: "toy-gpt2")
    #expect(try run("generate", "zebra", "--model", model, "--max-tokens", "1").error.isEmpty)
  }
}
