import ArgumentParser

@main
struct Attend: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attend",
    abstract: "Transformer attention and models on the command line.",
    discussion: """
      Results go to standard output, progress and diagnostics to standard error. Commands that take \
      texts read them from their arguments, from --input FILE, or from a pipe. The exit status is 0 \
      for success, 1 for a failure, 2 for a usage error, 130 after an interrupt.
      """,
    version: "0.1.0",
    subcommands: [
      ExampleVerb.self, ExplainVerb.self, TokenizeVerb.self, EmbedVerb.self, GenerateVerb.self,
      TranslateVerb.self, SummarizeVerb.self, AnswerVerb.self, AttentionVerb.self, BenchVerb.self,
    ])

  static func main() {
    StandardStreams.prepare()
    Signals.prepare()
    var verb: any ParsableCommand.Type = Attend.self
    do {
      try requireUTF8Arguments()
      var command = try parseAsRoot()
      verb = type(of: command)
      try command.run()
      try StandardOutput.flush()
      endProcess(0)
    } catch {
      CLIError.exit(for: error, in: verb)
    }
  }
}
