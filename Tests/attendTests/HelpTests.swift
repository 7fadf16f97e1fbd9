import Testing

@Suite struct HelpTests {
  static let verbs = [
    "example", "explain", "tokenize", "embed", "generate", "translate", "summarize", "answer",
    "attention", "bench",
  ]
  static let benchmarks = ["operator", "layer", "encoder", "corpus", "tokenizer", "gemm"]

  @Test(arguments: verbs)
  func `Every command has help on standard output`(verb: String) throws {
    let run = try attend(verb, "--help")
    #expect(run.status == 0)
    #expect(run.output.contains("USAGE: attend \(verb)"))
    #expect(run.error.isEmpty)
    #expect(try attend("help", verb).output == run.output)
  }

  @Test(arguments: verbs)
  func `No line of help is wider than 80 columns`(verb: String) throws {
    for line in try attend(verb, "--help").outputLines {
      #expect(line.count <= 80, "\(line)")
    }
  }

  @Test(arguments: benchmarks)
  func `Every benchmark has help with an example, no wider than 80 columns`(name: String) throws {
    let run = try attend("bench", name, "--help")
    #expect(run.status == 0)
    #expect(run.output.contains("USAGE: attend bench \(name)"))
    #expect(run.output.contains("\nattend bench \(name)"))
    for line in run.outputLines { #expect(line.count <= 80, "\(line)") }
    #expect(try attend("bench").output.contains("\n  \(name) "))
  }

  @Test func `The help of the program lists every command`() throws {
    let run = try attend("--help")
    #expect(run.status == 0)
    for verb in Self.verbs { #expect(run.output.contains("\n  \(verb) ")) }
    #expect(run.error.isEmpty)
  }

  @Test(arguments: [
    "explain", "embed", "generate", "translate", "summarize", "answer", "attention",
  ])
  func `The help of commands that compute describes backends and threads`(verb: String) throws {
    let help = try attend(verb, "--help").output
    for word in ["--threads", "--backend", "openblas", "portable", "reference"] {
      #expect(help.contains(word))
    }
  }

  @Test func `The version is three numbers`() throws {
    let run = try attend("--version")
    #expect(run.status == 0)
    #expect(run.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }
}
