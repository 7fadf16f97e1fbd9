import Testing

@Suite struct HelpTests {
  static let commands = [
    "example", "explain", "tokenize", "embed", "similarity", "index", "search", "rerank",
    "generate", "translate", "summarize", "answer", "classify", "tag", "fill", "attention",
    "verify", "bench",
  ]
  static let benchmarks = ["operator", "layer", "encoder", "corpus", "tokenizer", "gemm", "search"]

  @Test(arguments: commands)
  func `Every command has help on standard output`(command: String) throws {
    let run = try attend(command, "--help")
    #expect(run.status == 0)
    #expect(run.output.contains("USAGE: attend \(command)"))
    #expect(run.error.isEmpty)
    #expect(try attend("help", command).output == run.output)
  }

  @Test(arguments: commands)
  func `No line of help is wider than 80 columns`(command: String) throws {
    for line in try attend(command, "--help").outputLines {
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
    for command in Self.commands { #expect(run.output.contains("\n  \(command) ")) }
    #expect(run.error.isEmpty)
  }

  @Test(arguments: [
    "example", "explain", "embed", "generate", "translate", "summarize", "answer", "attention",
    "similarity",
    "rerank", "classify", "tag", "fill",
  ])
  func `The help of commands that compute describes backends and threads`(command: String) throws {
    let help = try attend(command, "--help").output
    for word in ["--threads", "--backend", "openblas", "native", "portable", "reference"] {
      #expect(help.contains(word))
    }
  }

  @Test func `The version is three numbers`() throws {
    let run = try attend("--version")
    #expect(run.status == 0)
    #expect(run.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }
}
