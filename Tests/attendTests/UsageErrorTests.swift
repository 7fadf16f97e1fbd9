import Foundation
import TestSupport
import Testing

/// Command lines that make no sense: exit status 2, one line about it and the usage.
@Suite struct UsageErrorTests {
  private func expectRefusal(
    _ run: AttendRun, naming words: [String], usageOf verb: String? = nil,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == 2, "\(run)", sourceLocation: location)
    #expect(run.output.isEmpty, sourceLocation: location)
    let first = run.error.prefix { $0 != "\n" }
    #expect(first.hasPrefix("Error: "), "\(run)", sourceLocation: location)
    for word in words { #expect(first.contains(word), "\(run)", sourceLocation: location) }
    let usage = "\nUsage: attend" + (verb.map { " \($0)" } ?? "")
    #expect(run.error.contains(usage), "\(run)", sourceLocation: location)
    #expect(run.error.contains("--help' for more information"), sourceLocation: location)
  }

  @Test func `An unknown verb is refused`() throws {
    expectRefusal(try attend("ponder"), naming: ["ponder"])
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

  @Test(arguments: ["embed", "tokenize"])
  func `Neither a text nor a file is refused, and so are both`(verb: String) throws {
    expectRefusal(try attend(verb), naming: ["no text"], usageOf: verb)
    expectRefusal(
      try attend(verb, "A text.", "--input", "file"), naming: ["--input"], usageOf: verb)
  }

  @Test func `A missing text of explain is refused`() throws {
    expectRefusal(try attend("explain"), naming: ["text"], usageOf: "explain")
  }

  @Test(arguments: ["embed", "tokenize"])
  func `An input that is not there or not a file is refused`(verb: String) throws {
    let directory = try TemporaryDirectory()
    expectRefusal(
      try attend(verb, "--input", directory.path("lines.txt")),
      naming: ["lines.txt", "no such file"], usageOf: verb)
    expectRefusal(
      try attend(verb, "--input", directory.path), naming: [directory.path, "is a directory"],
      usageOf: verb)
    expectRefusal(try attend(verb, "--input", ""), naming: ["empty path"], usageOf: verb)
  }

  @Test(arguments: [
    ("0", ["threads", "0"]), ("-1", ["threads", "-1"]), ("many", ["threads", "many"]),
  ])
  func `A count of threads that is not one is refused`(count: String, words: [String]) throws {
    expectRefusal(try attend("embed", "x", "--threads", count), naming: words, usageOf: "embed")
  }

  @Test func `An unknown backend is refused with the list of known ones`() throws {
    expectRefusal(
      try attend("embed", "x", "--backend", "abacus"),
      naming: ["abacus", "--backend", "openblas", "portable", "reference"], usageOf: "embed")
  }

  @Test func `An unknown format is refused`() throws {
    expectRefusal(
      try attend("embed", "x", "--format", "xml"), naming: ["xml", "jsonl"], usageOf: "embed")
  }

  @Test(arguments: ["embed", "tokenize", "explain"])
  func `A model that is nowhere is refused with the places that were searched`(
    verb: String
  ) throws {
    let directory = try TemporaryDirectory()
    let environment = [
      "XDG_CACHE_HOME": directory.path, "HF_HUB_CACHE": directory.path("hub"),
    ]
    let run = try attend(verb, "x", "--model", "no-such-model", environment: environment)
    expectRefusal(
      run, naming: ["no-such-model", directory.path("swift-attention")], usageOf: verb)
    let standard = try attend(verb, "x", environment: environment)
    expectRefusal(standard, naming: ["all-MiniLM-L6-v2", "Scripts/"], usageOf: verb)
  }

  @Test func `A folder that is not a model's is refused with the first missing file`() throws {
    let directory = try TemporaryDirectory()
    for verb in ["embed", "explain"] {
      let run = try attend(verb, "x", "--model", directory.path)
      expectRefusal(run, naming: ["config.json"], usageOf: verb)
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

  @Test func `A layer, head or word that is not there is refused`() throws {
    let directory = try TemporaryDirectory()
    let model = try TinyModel.write(to: directory)
    for (arguments, words) in [
      (["--layer", "2"], ["--layer", "2 layers"]), (["--layer", "-1"], ["--layer", "-1"]),
      (["--layer", "0", "--head", "2"], ["--head", "2 heads"]), (["--head", "0"], ["--layer"]),
      (["--token", "dog"], ["dog", "the cat"]), (["--top", "0"], ["--top"]),
    ] {
      let run = try attend(["explain", "the cat", "--model", model] + arguments)
      expectRefusal(run, naming: words, usageOf: "explain")
    }
  }
}
