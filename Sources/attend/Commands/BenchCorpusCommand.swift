import ArgumentParser
import AttentionModels
import Benchmarks
import Foundation

struct BenchCorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus",
    abstract: "Time the embedding of the lines of a file, including tokenization.",
    discussion: """
      All lines are embedded in one call. Texts that are too long for the model are truncated.

      attend bench corpus sentences.txt --threads 1,2
      """)

  @Argument(
    help: ArgumentHelp("File with one text per line, or .jsonl as for embed.", valueName: "file"))
  var file: String

  @OptionGroup(title: "Workload") var model: EncoderOption
  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var arrays: ArraysOption

  func run() throws {
    let texts = try TextFile.texts(inFile: file)
    let embedder = try SentenceEmbedder(model.directory(), format: model.weights)
    let name = URL(fileURLWithPath: file).lastPathComponent
    try options.run(
      "corpus", [CorpusCase(embedder: embedder, name: name, texts: texts).benchCase],
      compute: compute, arrays: arrays)
  }
}
