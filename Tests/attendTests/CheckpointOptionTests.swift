import Foundation
import TestSupport
import Testing

/// `--revision`, `--prefix`, `--max-input-tokens`, and checkpoints with settings that have no effect.
@Suite struct CheckpointOptionTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `--revision selects a revision in Hugging Face's cache by name or commit`() throws {
    for (commit, length) in [("aa11bb", 24), ("cc22dd", 12)] {
      try TinyGPT2.write(
        to: directory, named: "hub/models--org--tiny/snapshots/\(commit)", maxLength: length)
    }
    try directory.write("aa11bb".utf8, to: "hub/models--org--tiny/refs/main")
    try directory.write("cc22dd".utf8, to: "hub/models--org--tiny/refs/short")
    let environment = ["HF_HUB_CACHE": directory.path("hub")]
    func newTokens(_ arguments: String...) throws -> Int {
      let run = try attend(
        ["generate", "--model", "org/tiny", "the cat", "--max-tokens", "100", "--format", "jsonl"]
          + arguments, environment: environment)
      #expect(run.status == 0, "\(run)")
      return try #require(jsonObject(run.outputLines[0])["new_tokens"] as? Int)
    }
    let main = try newTokens()
    #expect(try newTokens("--revision", "main") == main)
    #expect(try newTokens("--revision", "aa") == main)
    #expect(try newTokens("--revision", "short") <= 10)
    #expect(try newTokens("--revision", "cc22dd") == newTokens("--revision", "short"))
    let unknown = try attend(
      ["generate", "--model", "org/tiny", "the cat", "--revision", "v9"], environment: environment)
    #expect(unknown.status == 2, "\(unknown)")
    #expect(
      unknown.error.contains("no revision v9") && unknown.error.contains("short"), "\(unknown)")
    let alone = try attend("generate", "the cat", "--revision", "main")
    #expect(alone.status == 2 && alone.error.contains("--revision needs --model"), "\(alone)")
  }

  @Test(arguments: ["summarize", "translate"])
  func `Without tasks, a command equals generate with the given prefix`(command: String) throws {
    let model = try TinyGPT2.write(to: directory, hasTasks: false)
    func output(_ command: String, _ arguments: String...) throws -> String {
      let run = try attend(
        [command, "--model", model, "--max-tokens", "4", "--format", "jsonl"] + arguments)
      #expect(run.status == 0, "\(run)")
      return try #require(jsonObject(run.outputLines[0])["output"] as? String)
    }
    #expect(try output(command, "the cat") == output("generate", "the cat"))
    #expect(
      try output(command, "--prefix", "summarize: ", "the cat")
        == output("generate", "summarize: the cat"))
    #expect(
      try output(command, "--prefix", "the dog ", "the cat")
        == output("generate", "the dog the cat"))
  }

  @Test func `A text beyond --max-input-tokens is refused, or truncated with --truncate`() throws {
    let model = try TinyGPT2.write(to: directory)
    let arguments = ["generate", "--model", model, "--max-input-tokens", "2", "--max-tokens", "2"]
    #expect(try attend(arguments + ["the cat"]).status == 0)
    let refused = try attend(arguments + ["the cat sat"])
    #expect(refused.status == 1, "\(refused)")
    for word in ["prompt 1: ", "3 tokens", " 2"] {
      #expect(refused.error.contains(word), "\(refused)")
    }
    #expect(try attend(arguments + ["--truncate", "the cat sat"]).status == 0)
    let zero = try attend(["generate", "--model", model, "--max-input-tokens", "0", "the cat"])
    #expect(zero.status == 2 && zero.error.contains("--max-input-tokens"), "\(zero)")
  }

  @Test func `Settings without effect are ignored, and errors name the file and the key`()
    throws
  {
    let model = try TinyGPT2.write(to: directory, extra: #", "x": Infinity, "resid_pdrop": NaN"#)
    func run(_ file: String, _ arguments: String...) throws -> AttendRun {
      try directory.write(file.utf8, to: "gpt2/generation_config.json")
      return try attend(["generate", "--model", model, "the cat", "--max-tokens", "3"] + arguments)
    }
    for file in [
      #"{"eos_token_id": 50256, "pad_token_id": -1, "temperature": 0.0, "do_sample": false}"#,
      #"{"top_k": -1, "typical_p": 0.5, "renormalize_logits": true, "unknown": [NaN, null]}"#,
    ] {
      let run = try run(file)
      #expect(run.status == 0 && run.error.isEmpty, "\(run)")
    }
    let sampled = try run(#"{"typical_p": 0.5}"#, "--seed", "1")
    #expect(sampled.status == 1, "\(sampled)")
    #expect(
      sampled.error.contains("gpt2/generation_config.json: unsupported typical_p"), "\(sampled)")
    let wrong = try run(#"{"repetition_penalty": 0}"#)
    #expect(wrong.status == 1, "\(wrong)")
    #expect(wrong.error.contains("generation_config.json: repetition_penalty"), "\(wrong)")
  }
}
