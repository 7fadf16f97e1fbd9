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
      ExampleCommand.self, ExplainCommand.self, TokenizeCommand.self, EmbedCommand.self,
      SimilarityCommand.self, IndexCommand.self, SearchCommand.self, RerankCommand.self,
      GenerateCommand.self, TranslateCommand.self, SummarizeCommand.self, AnswerCommand.self,
      ClassifyCommand.self, TagCommand.self, FillCommand.self, AttentionCommand.self,
      VerifyCommand.self, BenchCommand.self,
    ])

  static func main() {
    StandardStreams.prepare()
    var commandType: any ParsableCommand.Type = Attend.self
    do {
      try StartMemory.prepare()
      Signals.prepare()
      try requireUTF8Arguments()
      var command = try parseAsRoot()
      commandType = type(of: command)
      try command.run()
      try StandardOutput.flush()
      endProcess(0)
    } catch {
      CLIError.exit(for: error, in: commandType)
    }
  }
}
