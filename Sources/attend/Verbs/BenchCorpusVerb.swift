import ArgumentParser
import AttentionModels
import Benchmarks
import Foundation

struct BenchCorpusVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus",
    abstract: "Time the embedding of a file's lines, from characters to vectors.",
    discussion: """
      All lines are embedded at once; cutting them into tokens is part of the time. Texts that are \
      longer than the model reads are cut.

      attend bench corpus sentences.txt --threads 1,2
      """)

  @Argument(
    help: ArgumentHelp("A file with one text a line, or .jsonl as for embed.", valueName: "file"))
  var file: String

  @OptionGroup(title: "What is timed") var model: ModelOption
  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var arrays: ArraysOption

  func run() throws {
    let texts = try TextFile.texts(inFile: file)
    let embedder = try SentenceEmbedder(model.directory())
    let name = URL(fileURLWithPath: file).lastPathComponent
    try options.run(
      "corpus", [CorpusCase(embedder: embedder, name: name, texts: texts).benchCase],
      compute: compute, arrays: arrays)
  }
}
