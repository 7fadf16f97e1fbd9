import ArgumentParser
import AttentionModels
import Benchmarks
import Foundation

struct BenchTokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Time the tokenization of texts, on one thread.",
    discussion: """
      Default: sentences in several scripts.

      attend bench tokenizer
      attend bench tokenizer sentences.txt --model bert-base-cased
      """)

  @Argument(
    help: ArgumentHelp("File with one text per line, or .jsonl as for embed.", valueName: "file"))
  var file: String?

  @OptionGroup(title: "Workload") var model: ModelOption
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var arrays: ArraysOption

  func run() throws {
    let texts = try file.map(TextFile.texts(inFile:)) ?? TokenizerCase.sample
    let tokenizer = try Tokenizer(directory: model.directory().path)
    let name = file.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "sample"
    try options.run(
      "tokenizer", [TokenizerCase(tokenizer: tokenizer, name: name, texts: texts).benchCase],
      arrays: arrays)
  }
}
