import Foundation
import TestSupport
import Testing

/// Usage errors: exit status 2, one line about the error, and the usage.
@Suite struct UsageErrorTests {
  private func expectRefusal(
    _ run: AttendRun, naming words: [String], usageOf command: String? = nil,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == 2, "\(run)", sourceLocation: location)
    #expect(run.output.isEmpty, sourceLocation: location)
    let first = run.error.prefix { $0 != "\n" }
    #expect(first.hasPrefix("Error: "), "\(run)", sourceLocation: location)
    for word in words { #expect(first.contains(word), "\(run)", sourceLocation: location) }
    let usage = "\nUsage: attend" + (command.map { " \($0)" } ?? "")
    #expect(run.error.contains(usage), "\(run)", sourceLocation: location)
    #expect(run.error.contains("--help' for more information"), sourceLocation: location)
  }

  @Test func `An unknown command is refused with the list of commands`() throws {
    let run = try attend("ponder")
    expectRefusal(run, naming: ["Unknown command 'ponder'"] + HelpTests.commands)
    let benchmark = try attend("bench", "ponder")
    expectRefusal(benchmark, naming: ["'ponder'"] + HelpTests.benchmarks, usageOf: "bench")
    expectRefusal(try attend("help", "ponder"), naming: ["'ponder'"])
    expectRefusal(try attend("\u{1B}[31m"), naming: [#"'\u{1b}[31m'"#])
  }

  @Test(arguments: [
    ("embedd", "embed"), ("Embed", "embed"), ("mebed", "embed"), ("embeddings", "embed"),
    ("tok", "tokenize"), ("tokens", "tokenize"), ("summarise", "summarize"),
    ("translation", "translate"), ("exampel", "example"), ("becnh", "bench"),
  ])
  func `A mistyped command gets a suggestion`(typed: String, meant: String) throws {
    for arguments in [[typed, "a text"], [typed, "--threads", "2"], ["help", typed]] {
      expectRefusal(
        try attend(arguments), naming: ["'\(typed)'", "Did you mean '\(meant)'?"])
    }
  }

  @Test(arguments: [
    ("operatr", "operator"), ("gem", "gemm"), ("tokeniser", "tokenizer"), ("encode", "encoder"),
  ])
  func `A mistyped benchmark gets a suggestion`(typed: String, meant: String) throws {
    for arguments in [["bench", typed], ["help", "bench", typed]] {
      expectRefusal(
        try attend(arguments), naming: ["'\(typed)'", "Did you mean '\(meant)'?"],
        usageOf: "bench")
    }
  }

  @Test(arguments: [
    (["embed", "x", "--thraeds", "2"], "--thraeds", "--threads"),
    (["embed", "x", "--backend=native", "--formt=npy"], "--formt", "--format"),
    (["embed", "x", "-threads", "2"], "-threads", "--threads"),
    (["attention", "--qeries", "q.npy", "--keys", "k.npy"], "--qeries", "--queries"),
    (["generate", "x", "--top_k", "3"], "--top_k", "--top-k"),
    (["generate", "x", "--num-beams", "3"], "--num-beams", "--beams"),
    (["generate", "x", "--repeat-penalty", "2"], "--repeat-penalty", "--repetition-penalty"),
    (["bench", "gemm", "--shpae", "1x1x1"], "--shpae", "--shape"),
  ])
  func `A mistyped option gets a suggestion`(
    arguments: [String], typed: String, meant: String
  ) throws {
    expectRefusal(
      try attend(arguments), naming: ["'\(typed)'", "Did you mean '\(meant)'?"],
      usageOf: arguments.first)
  }

  @Test func `Values of options, and texts after --, are not options`() throws {
    // The error must be about --top.
    let run = try attend("explain", "--token", "--tokn", "--top", "0", "--", "--tpo")
    expectRefusal(run, naming: ["--top: expected at least 1"], usageOf: "explain")
  }

  @Test func `A text that starts with a dash gets a hint`() throws {
    for text in ["-5 degrees", "- item", "-5"] {
      expectRefusal(try attend("tokenize", text), naming: ["Put -- before"], usageOf: "tokenize")
    }
  }

  @Test func `An option before the command gets a hint`() throws {
    expectRefusal(
      try attend("--threads", "2", "embed"), naming: ["--threads", "after the command"])
  }

  @Test func `An argument that is not UTF-8 is refused with its number`() throws {
    let run = try shell(#""$0" tokenize one "$(printf 'caf\351')""#)
    expectRefusal(run, naming: ["argument 3", "UTF-8"])
  }

  @Test(arguments: [
    [], ["example"], ["explain", "text"], ["tokenize", "text"], ["embed", "text"],
    ["generate", "text"], ["translate", "text"], ["summarize", "text"], ["answer", "text"],
    ["attention", "--queries", "q", "--keys", "k", "--values", "v", "--output", "o"],
  ])
  func `An unknown flag is refused`(arguments: [String]) throws {
    expectRefusal(
      try attend(arguments + ["--frobnicate"]), naming: ["--frobnicate"], usageOf: arguments.first)
  }

  @Test func `explain refuses several texts, and says how many it got`() throws {
    expectRefusal(
      try attend("explain", "The", "cat", "sat."), naming: ["one text", "got 3", "quotes"],
      usageOf: "explain")
  }

  @Test(arguments: ["embed", "tokenize"])
  func `An input that does not exist or is not a file is refused`(command: String) throws {
    let directory = try TemporaryDirectory()
    expectRefusal(
      try attend(command, "--input", directory.path("lines.txt")),
      naming: ["lines.txt", "no such file"], usageOf: command)
    expectRefusal(
      try attend(command, "--input", directory.path), naming: [directory.path, "is a directory"],
      usageOf: command)
    expectRefusal(try attend(command, "--input", ""), naming: ["empty path"], usageOf: command)
  }

  @Test(arguments: [
    ("0", ["threads", "0"]), ("-1", ["threads", "-1"]), ("many", ["threads", "many"]),
  ])
  func `An invalid number of threads is refused`(count: String, words: [String]) throws {
    expectRefusal(try attend("embed", "x", "--threads", count), naming: words, usageOf: "embed")
  }

  @Test func `An unknown backend is refused with the list of backends`() throws {
    for command in [
      "embed", "explain", "generate", "translate", "summarize", "answer", "attention",
    ] {
      expectRefusal(
        try attend(command, "--backend", "abacus"),
        naming: ["abacus", "--backend", "openblas", "native", "portable", "reference"],
        usageOf: command)
    }
  }

  @Test(arguments: [
    ("embed", ["text", "jsonl", "npy"]), ("tokenize", ["text", "jsonl"]),
    ("explain", ["text", "json"]), ("generate", ["text", "jsonl"]),
  ])
  func `An unknown format is refused with the list of formats`(
    command: String, formats: [String]
  ) throws {
    expectRefusal(
      try attend(command, "x", "--format", "xml"), naming: ["xml", "--format"] + formats,
      usageOf: command)
  }

  @Test(arguments: ["toy-t6", "toy", "toy-gpt", "TOY-T5"])
  func `A mistyped demo model is refused with the list of demo models`(name: String) throws {
    for command in ["tokenize", "generate"] {
      expectRefusal(
        try attend(command, "x", "--model", name),
        naming: [name, "did you mean 'toy-", "toy-t5, toy-gpt2"], usageOf: command)
    }
  }

  @Test(arguments: ["embed", "tokenize", "explain"])
  func `A model that does not exist is refused with the searched folders`(command: String) throws {
    let directory = try TemporaryDirectory()
    let environment = [
      "XDG_CACHE_HOME": directory.path, "HF_HUB_CACHE": directory.path("hub"),
    ]
    let run = try attend(command, "x", "--model", "no-such-model", environment: environment)
    expectRefusal(
      run, naming: ["no-such-model", directory.path("swift-attention")], usageOf: command)
    let standard = try attend(command, "x", environment: environment)
    expectRefusal(standard, naming: ["all-MiniLM-L6-v2", "Scripts/"], usageOf: command)
  }

  @Test func `A folder without a model is refused with the first missing file`() throws {
    let directory = try TemporaryDirectory()
    for command in ["embed", "explain"] {
      let run = try attend(command, "x", "--model", directory.path)
      expectRefusal(run, naming: ["config.json"], usageOf: command)
    }
    let tokenizer = try attend("tokenize", "x", "--model", directory.path)
    expectRefusal(tokenizer, naming: ["tokenizer.json", "vocab.txt"], usageOf: "tokenize")
    let model = try TinyModel.write(to: directory, leavingOut: ["model.safetensors"])
    let run = try attend("embed", "x", "--model", model)
    expectRefusal(run, naming: ["model.safetensors"], usageOf: "embed")
  }

  @Test func `An output that cannot be written is refused before the input is read`() throws {
    let directory = try TemporaryDirectory()
    let model = try TinyModel.write(to: directory)
    let input = try directory.write([0xFF], to: "not-utf8.txt")
    for (output, reason) in [
      (directory.path("no/such/folder/o.jsonl"), "cannot be written"),
      (directory.path, "is a directory"), ("/dev/null", "not a regular file"),
      ("", "empty path"),
    ] {
      let run = try attend("embed", "--model", model, "--input", input, "--output", output)
      expectRefusal(run, naming: [reason], usageOf: "embed")
    }
  }

  @Test func `A layer, head or word that does not exist is refused`() throws {
    let directory = try TemporaryDirectory()
    let model = try TinyModel.write(to: directory)
    for (arguments, words) in [
      (["--layer", "2"], ["--layer", "2 layers"]), (["--layer", "-1"], ["--layer", "-1"]),
      (["--layer", "0", "--head", "2"], ["--head", "2 heads"]), (["--head", "0"], ["--layer"]),
      (["--token", "dog"], ["dog", "the cat"]), (["--top", "0"], ["--top"]),
      (["--occurrence", "1"], ["--occurrence", "--token"]),
      (["--token", "the", "--occurrence", "0"], ["--occurrence", "0"]),
    ] {
      let run = try attend(["explain", "the cat", "--model", model] + arguments)
      expectRefusal(run, naming: words, usageOf: "explain")
    }
  }
}
