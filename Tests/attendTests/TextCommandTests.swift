import Foundation
import TestSupport
import Testing

/// The input and output of `attend generate`, `translate`, `summarize` and `answer`, with a model that has
/// random weights.
@Suite struct TextCommandTests {
  private let directory: TemporaryDirectory
  private let model: String

  init() throws {
    directory = try TemporaryDirectory()
    model = try TinyGPT2.write(to: directory)
  }

  private static let commands = ["generate", "translate", "summarize", "answer"]

  private func run(_ command: String, _ arguments: String..., input: String? = nil) throws
    -> AttendRun
  {
    let context = command == "answer" ? ["--context", "the dog ran ."] : []
    return try attend(
      [command, "--model", model] + context + arguments, input: input.map { Array($0.utf8) })
  }

  private func generate(_ arguments: String..., input: String? = nil) throws -> AttendRun {
    try attend(["generate", "--model", model] + arguments, input: input.map { Array($0.utf8) })
  }

  /// The JSON objects on the lines of the output.
  private func objects(_ run: AttendRun) throws -> [[String: Any]] {
    #expect(run.status == 0, "\(run)")
    #expect(run.error.isEmpty, "\(run)")
    return try run.outputLines.map(jsonObject)
  }

  private func outputs(_ run: AttendRun) throws -> [String] {
    try objects(run).map { try #require($0["output"] as? String) }
  }

  // MARK: - Output

  @Test func `The output is the continuation, with --echo after the prompt`() throws {
    let run = try generate("the cat", "--max-tokens", "4")
    #expect(run.status == 0, "\(run)")
    #expect(run.error.isEmpty)
    let words = run.output.split { $0 == " " || $0 == "\n" }
    #expect(words.count == 4, "\(run)")
    #expect(words.allSatisfy { TinyGPT2.tokens.contains(String($0)) }, "\(run)")
    #expect(
      try generate("the cat", "--max-tokens", "4", "--echo").output == "the cat \(run.output)")
    #expect(run.output.first?.isWhitespace == false)
    #expect(run.outputLines.count == 1)
  }

  @Test(arguments: commands) func `Lines of JSON have the text, counts and times`(command: String)
    throws
  {
    let run = try run(
      command, "the cat", "sat on the mat .", "--max-tokens", "3", "--format", "jsonl")
    let objects = try objects(run)
    #expect(objects.map { $0["text"] as? String } == ["the cat", "sat on the mat ."])
    // The tokens of the prefix that the task puts before a text.
    let extra = ["generate": 0, "translate": 1, "summarize": 1, "answer": 6][command] ?? 0
    #expect(objects.map { $0["prompt_tokens"] as? Int } == [2 + extra, 5 + extra])
    for object in objects {
      #expect(object["new_tokens"] as? Int == 3)
      #expect(object["finish_reason"] as? String == "length")
      #expect(object["batch_size"] as? Int == 2)
      #expect((object["prefill_seconds"] as? Double ?? 0) > 0)
      let decode = try #require(object["decode_seconds"] as? Double)
      let speed = try #require(object["tokens_per_second"] as? Double)
      #expect(abs(speed * decode - 4) < 1e-3)
      #expect(object["result"] == nil && object["score"] == nil && object["logprobs"] == nil)
    }
    // The text format has the same outputs: one per line, or separated by an empty line.
    let text = try self.run(command, "the cat", "sat on the mat .", "--max-tokens", "3")
    let lines = try outputs(run).map { String($0.drop(while: \.isWhitespace)) }
    #expect(text.output == lines.joined(separator: command == "generate" ? "\n\n" : "\n") + "\n")
  }

  @Test func `A single new token has no decoding time`() throws {
    let object = try objects(generate("the", "--max-tokens", "1", "--format", "jsonl"))[0]
    #expect(object["tokens_per_second"] is NSNull)
    #expect(object["decode_seconds"] as? Double == 0)
  }

  @Test func `The results of a batch equal the results of its texts alone`() throws {
    let texts = ["the cat", "a dog ran to the house .", "sat", "on the mat ."]
    let batch = try attend(
      ["generate", "--model", model, "--max-tokens", "8", "--format", "jsonl"] + texts)
    let alone = try texts.flatMap {
      try outputs(generate($0, "--max-tokens", "8", "--format", "jsonl"))
    }
    #expect(try outputs(batch) == alone)
  }

  @Test func `A text ends before a stop string`() throws {
    let whole = try generate("the cat", "--max-tokens", "8").output.split { $0.isWhitespace }
    let stop = try #require(whole.dropFirst(2).first { word in whole.firstIndex(of: word)! >= 2 })
    let end = try #require(whole.firstIndex(of: stop))
    let run = try generate(
      "the cat", "--max-tokens", "8", "--stop", "nothing", "--stop", String(stop), "--format",
      "jsonl")
    #expect(try outputs(run)[0].split { $0.isWhitespace } == whole[..<end].map { $0 })
    #expect(try objects(run)[0]["finish_reason"] as? String == "stop")
  }

  @Test func `--logprobs shows each token and the most probable alternatives`() throws {
    let run = try generate(
      "the cat", "--max-tokens", "3", "--logprobs", "2", "--format", "jsonl")
    let tokens = try #require(try objects(run)[0]["logprobs"] as? [[String: Any]])
    #expect(tokens.count == 3)
    for token in tokens {
      let others = try #require(token["alternatives"] as? [[String: Any]])
      #expect(others.count == 2)
      // Greedy search takes the most probable token.
      #expect(others[0]["id"] as? Int == token["id"] as? Int)
      #expect(others[0]["logprob"] as? Double == token["logprob"] as? Double)
      #expect((others[0]["logprob"] as? Double ?? 1) > (others[1]["logprob"] as? Double ?? 1))
      #expect(TinyGPT2.tokens.contains(try #require(token["token"] as? String)))
    }
    let text = try generate("the cat", "--max-tokens", "3", "--logprobs", "2")
    #expect(text.outputLines.count == 4)
    for (line, token) in zip(text.outputLines.dropFirst(), tokens) {
      let share = exp(try #require(token["logprob"] as? Double))
      #expect(line.contains("0.\(Int((share * 1000).rounded()))"), "\(line) \(share)")
      #expect(line.contains(try #require(token["token"] as? String)))
    }
  }

  // MARK: - Sampling and search

  @Test func `The same seed gives the same text, and another seed another text`() throws {
    func sampled(_ arguments: String...) throws -> String {
      try attend(["generate", "--model", model, "the cat", "--max-tokens", "12"] + arguments).output
    }
    #expect(try sampled("--seed", "1") == sampled("--seed", "1"))
    #expect(try sampled("--seed", "1") != sampled("--seed", "2"))
    // Temperature 0, or a single candidate, is greedy search.
    #expect(try sampled("--seed", "1", "--temperature", "0") == sampled())
    #expect(try sampled("--seed", "1", "--top-k", "1") == sampled())
    #expect(try sampled("--seed", "1", "--top-p", "0") == sampled())
    #expect(try sampled("--seed", "1", "--min-p", "1") == sampled())
    #expect(try sampled("--seed", "1", "--temperature", "0.001") == sampled())
    #expect(try sampled("--seed", "1", "--temperature", "5") != sampled())
  }

  @Test func `Several results are samples, or the best beams`() throws {
    let samples = try generate(
      "the cat", "the dog", "--results", "3", "--seed", "1", "--max-tokens", "10",
      "--format", "jsonl")
    let objects = try objects(samples)
    #expect(objects.map { $0["result"] as? Int } == [0, 1, 2, 0, 1, 2])
    #expect(objects.map { $0["batch_size"] as? Int } == [6, 6, 6, 6, 6, 6])
    #expect(Set(try outputs(samples)[..<3]).count == 3)
    let best = try self.objects(
      generate(
        "the cat", "--beams", "4", "--results", "3", "--max-tokens", "6", "--format", "jsonl"))
    let scores = try best.map { try #require($0["score"] as? Double) }
    #expect(scores.count == 3 && scores == scores.sorted(by: >))
    let one = try self.objects(
      generate("the cat", "--beams", "4", "--max-tokens", "6", "--format", "jsonl"))
    #expect(one.count == 1)
    #expect(one[0]["output"] as? String == best[0]["output"] as? String)
    let short = try self.objects(
      generate(
        "the cat", "--beams", "4", "--max-tokens", "6", "--length-penalty", "0", "--format", "jsonl"
      ))
    let sum = try #require(short[0]["score"] as? Double)
    #expect(sum < scores[0])
  }

  @Test func `Penalties and --no-repeat-ngram change the text`() throws {
    let plain = try generate("the cat", "--max-tokens", "16").output
    let words = plain.split { $0.isWhitespace }
    let pairs = zip(words, words.dropFirst()).map { "\($0) \($1)" }
    #expect(Set(pairs).count < pairs.count, "\(plain)")
    let run = try generate("the cat", "--max-tokens", "16", "--no-repeat-ngram", "2")
    let others = run.output.split { $0.isWhitespace }
    let otherPairs = zip(others, others.dropFirst()).map { "\($0) \($1)" }
    #expect(Set(otherPairs).count == otherPairs.count, "\(run)")
    for penalty in ["repetition", "frequency", "presence"] {
      let run = try generate("the cat", "--max-tokens", "16", "--\(penalty)-penalty", "5")
      #expect(run.status == 0)
      #expect(run.output != plain, "\(penalty)")
    }
  }

  @Test(arguments: ["float32", "bfloat16", "float16", "int8", "int8-groups"])
  func `Weights can be stored in every format`(format: String) throws {
    let run = try generate(
      "the cat", "--weights", format, "--max-tokens", "1", "--logprobs", "0", "--format", "jsonl")
    let exact = try generate("the cat", "--max-tokens", "1", "--logprobs", "0", "--format", "jsonl")
    func share(_ run: AttendRun) throws -> Double {
      let tokens = try #require(try objects(run)[0]["logprobs"] as? [[String: Any]])
      return try #require(tokens[0]["logprob"] as? Double)
    }
    let distance = abs(try share(run) - share(exact))
    #expect(format == "float32" ? distance == 0 : distance < 0.3, "\(distance)")
    #expect(format == "float32" || distance > 0)
  }

  @Test(arguments: ["openblas", "portable", "reference"])
  func `Backends and threads agree`(backend: String) throws {
    let expected = try generate("the cat", "--max-tokens", "8")
    for threads in ["1", "3"] {
      let run = try generate(
        "the cat", "--max-tokens", "8", "--backend", backend, "--threads", threads)
      #expect(run.output == expected.output)
    }
  }

  // MARK: - Input

  @Test func `A file is one prompt, or one prompt per line with --lines`() throws {
    let file = try directory.write("the cat\nsat on\n".utf8, to: "prompt.txt")
    let whole = try objects(
      generate("--input", file, "--max-tokens", "2", "--format", "jsonl"))
    #expect(whole.map { $0["text"] as? String } == ["the cat\nsat on"])
    #expect(whole[0]["prompt_tokens"] as? Int == 4)
    let lines = try objects(
      generate("--input", file, "--lines", "--max-tokens", "2", "--format", "jsonl"))
    #expect(lines.map { $0["text"] as? String } == ["the cat", "sat on"])
    let json = try directory.write("\"the cat\"\n{\"text\": \"sat\"}\n".utf8, to: "prompts.jsonl")
    let fromJSON = try objects(
      generate("--input", json, "--max-tokens", "2", "--format", "jsonl"))
    #expect(fromJSON.map { $0["text"] as? String } == ["the cat", "sat"])
  }

  @Test(arguments: commands.dropLast())
  func `Piped text is read, with and without --input -`(command: String) throws {
    let expected = try run(command, "the cat", "--max-tokens", "2")
    #expect(expected.status == 0)
    #expect(try run(command, "--max-tokens", "2", input: "the cat\n").output == expected.output)
    #expect(
      try run(command, "--input", "-", "--max-tokens", "2", input: "the cat").output
        == expected.output)
  }

  @Test func `Each line of text has its translation on the same line`() throws {
    let lines = ["the cat sat", "", "a dog .", "  ", "the house ."]
    let run = try run("translate", "--max-tokens", "3", input: lines.joined(separator: "\r\n"))
    #expect(run.status == 0, "\(run)")
    #expect(run.outputLines.count == 5)
    #expect(run.outputLines.map(\.isEmpty) == [false, true, false, true, false])
    for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      #expect(
        try self.run("translate", line, "--max-tokens", "3").output
          == run.outputLines[index] + "\n")
    }
    let json = try self.run(
      "translate", "--max-tokens", "3", "--format", "jsonl", input: lines.joined(separator: "\n"))
    #expect(try objects(json).map { $0["text"] as? String } == lines)
    // An empty file has an empty translation.
    let empty = try self.run("translate", "--input", "-", input: "")
    #expect(empty.status == 0 && empty.output.isEmpty && empty.error.isEmpty)
  }

  @Test func `The context of an answer is an argument, a file or a pipe`() throws {
    func answer(_ arguments: String..., input: String? = nil) throws -> AttendRun {
      try attend(
        ["answer", "--model", model, "--max-tokens", "3", "a cat"] + arguments,
        input: input.map { Array($0.utf8) })
    }
    let expected = try answer("--context", "the dog ran .")
    #expect(expected.status == 0, "\(expected)")
    let file = try directory.write("the dog\nran .\n".utf8, to: "context.txt")
    for run in [
      try answer("--context-file", file), try answer(input: "the dog ran ."),
      try answer("--context-file", "-", input: "the dog ran .\n"),
    ] {
      #expect(run.output == expected.output, "\(run)")
    }
    let prompt = "question: a cat context: the dog ran ."
    #expect(try generate(prompt, "--max-tokens", "3").output == expected.output)
    #expect(try answer("--context", "the house .").status == 0)
    let questions = try directory.write("a cat\nthe dog\n".utf8, to: "questions.txt")
    let both = try attend(
      "answer", "--model", model, "--max-tokens", "3", "--input", questions, "--context",
      "the dog ran .")
    #expect(both.outputLines.count == 2)
    #expect(both.outputLines[0] + "\n" == expected.output)
  }

  @Test func `A task's maximum length applies, and --temperature 0 turns sampling off`() throws {
    let object = try objects(run("summarize", "the cat sat", "--format", "jsonl"))[0]
    // The task limits the sequence to 12 tokens, 4 of which are the prompt.
    #expect((object["new_tokens"] as? Int ?? 99) <= 8)
    let sampler = try TinyGPT2.write(
      to: directory, named: "sampler", extra: #", "do_sample": true, "temperature": 50.0"#)
    func text(_ arguments: String...) throws -> String {
      try attend(["generate", "--model", sampler, "the cat", "--max-tokens", "12"] + arguments)
        .output
    }
    #expect(try text() != text())
    #expect(try text("--temperature", "0") == generate("the cat", "--max-tokens", "12").output)
  }

  // MARK: - Errors

  @Test func `An error about a text that is too long has its number and both lengths`() throws {
    let long = Array(repeating: "cat", count: TinyGPT2.maxLength + 1).joined(separator: " ")
    let run = try generate("the cat", long)
    #expect(run.status == 1, "\(run)")
    #expect(run.output.isEmpty)
    for word in ["prompt 2: ", "25 tokens", " 24"] {
      #expect(run.error.contains(word), "\(run)")
    }
    let lines = ["the cat", "", long].joined(separator: "\n")
    let translated = try self.run("translate", input: lines)
    #expect(translated.status == 1)
    #expect(translated.error.contains("standard input, line 3: "), "\(translated)")
  }

  @Test func `--no-special-tokens adds no special tokens to a prompt`() throws {
    let path = directory.path("gpt2/tokenizer.json")
    let plain = try String(contentsOfFile: path, encoding: .utf8)
    let end = #"["<end>", 16]"#
    let framed = plain.replacing(
      #""post_processor": null"#,
      with: #""post_processor": {"type": "BertProcessing", "sep": \#(end), "cls": \#(end)}"#)
    try #require(framed != plain)
    try directory.write(framed.utf8, to: "gpt2/tokenizer.json")
    func promptTokens(_ arguments: String...) throws -> [Int?] {
      try objects(
        attend(
          ["generate", "--model", model, "--format", "jsonl", "--max-tokens", "1", "the cat"]
            + arguments)
      ).map { $0["prompt_tokens"] as? Int }
    }
    #expect(try promptTokens() == [4])
    #expect(try promptTokens("--no-special-tokens") == [2])
  }

  @Test(arguments: commands)
  func `An error about a token without an embedding has its id and the row count`(
    command: String
  ) throws {
    try directory.write(
      #"{"tokenizer_class": "TokenizersBackend", "additional_special_tokens": ["<new>"]}"#.utf8,
      to: "gpt2/tokenizer_config.json")
    #expect(try run(command, "the cat").status == 0)
    let failure = try run(command, "the <new> cat")
    #expect(failure.status == 1)
    for word in [" 1: ", "<new>", "id 17", "17 rows"] {
      #expect(failure.error.contains(word), "\(failure)")
    }
  }

  @Test(arguments: commands)
  func `An error about a malformed line follows the results of earlier lines`(command: String)
    throws
  {
    let arguments = [command, "--model", model, "--max-tokens", "2", "--input"]
    let context = command == "answer" ? ["--context", "the dog"] : []
    let file = try directory.write(Array("the cat\n".utf8) + [0xFF, 0x0A], to: "lines.txt")
    let run = try attend(arguments + [file] + context)
    #expect(run.status == 1)
    #expect(run.error.contains("UTF-8") && run.error.contains("line 2"), "\(run)")
    #expect(run.outputLines.count == (["translate", "answer"].contains(command) ? 1 : 0))
  }

  private func expectRefusal(
    _ run: AttendRun, _ words: String..., location: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == 2, "\(run)", sourceLocation: location)
    #expect(run.output.isEmpty, sourceLocation: location)
    let first = run.error.split(separator: "\n").first ?? ""
    for word in words { #expect(first.contains(word), "\(run)", sourceLocation: location) }
    #expect(run.error.contains("\nUsage: attend "), sourceLocation: location)
  }

  @Test(arguments: [
    ("--max-tokens", "0"), ("--max-tokens", "-1"), ("--max-tokens", "x"), ("--temperature", "-1"),
    ("--temperature", "nan"), ("--top-k", "-1"), ("--top-p", "1.5"), ("--top-p", "-0.1"),
    ("--min-p", "2"), ("--repetition-penalty", "0"), ("--frequency-penalty", "inf"),
    ("--presence-penalty", "nan"), ("--no-repeat-ngram", "-1"), ("--seed", "-1"),
    ("--seed", "18446744073709551616"), ("--beams", "0"), ("--beams", "100000"),
    ("--length-penalty", "nan"), ("--length-penalty", "1"), ("--results", "0"), ("--stop", ""),
    ("--logprobs", "-1"), ("--logprobs", "101"), ("--weights", "int4"), ("--format", "json"),
    ("--threads", "0"), ("--backend", "abacus"),
  ])
  func `An error about an invalid value has its flag`(flag: String, value: String) throws {
    for command in Self.commands { expectRefusal(try run(command, "the cat", flag, value), flag) }
  }

  @Test func `Contradictory flags are refused`() throws {
    expectRefusal(try generate("x", "--beams", "2", "--results", "3"), "--results", "--beams")
    expectRefusal(try generate("x", "--results", "3", "--temperature", "0"), "--results")
    expectRefusal(
      try attend("answer", "x", "--context", "a", "--context-file", "b"), "--context-file")
    expectRefusal(try attend("answer", "--input", "-"), "--input", "standard input")
  }

  @Test func `An unsupported language is refused, unless --prefix is given`() throws {
    expectRefusal(try run("translate", "x", "--from", "en", "--to", "de"), "en to de", "en to fr")
    expectRefusal(try run("translate", "x", "--to", "de"), "translation to de", "en to fr")
    let run = try run(
      "translate", "x", "--to", "de", "--prefix", "to German: ", "--max-tokens", "2")
    #expect(run.status == 0, "\(run)")
  }

  @Test(arguments: commands)
  func `A missing text is refused, and so is a text together with a file`(command: String) throws {
    expectRefusal(try run(command), "no ")
    expectRefusal(try run(command, "x", "--input", "file"), "--input")
    expectRefusal(
      try run(command, "--input", directory.path("none")), "none", "no such file")
    expectRefusal(try attend("answer", "x", "--model", model, input: " \n"), "no context")
    expectRefusal(
      try attend("answer", "x", "--model", model, "--context", " "), "--context: no context")
  }

  @Test(arguments: commands)
  func `A model that does not exist is refused, and so is an encoder`(command: String) throws {
    let context = command == "answer" ? ["--context", "x"] : []
    let environment = ["XDG_CACHE_HOME": directory.path, "HF_HUB_CACHE": directory.path("hub")]
    let run = try attend(
      [command, "x", "--model", "org/none"] + context, environment: environment)
    expectRefusal(run, "org/none", "Scripts/fetch org/none")
    let encoder = try TinyModel.write(to: directory)
    let unsupported = try attend([command, "x", "--model", encoder] + context)
    #expect(unsupported.status == 1)
    // An encoder with the head for it answers questions.
    let reason =
      command == "answer" ? "checkpoint without a head" : "unsupported architecture bert"
    #expect(unsupported.error.contains(reason), "\(unsupported)")
  }
}
