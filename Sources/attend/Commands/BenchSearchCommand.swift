import ArgumentParser
import Attention
import Benchmarks

struct BenchSearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Time the exact search for the 10 most similar of many vectors.",
    discussion: """
      A shape is ROWSxFEATURES: the number and the size of the vectors. The suffixes :int8 and :binary search \
      quantized vectors, and compute the scores of the best candidates in float32.

      attend bench search --shape 100000x384,100000x384:int8
      attend bench search --shape 1000000x384:int8 --threads 1,2
      """)

  struct Cases: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        """
        Shapes; a size of 1000..4000 is 1000, 2000 and 4000. May be repeated. (default: 100000x384 in each \
        format)
        """, valueName: "shapes"),
      transform: { try commaSeparated($0, SearchCase.cases(in:)) })
    var shape: [[SearchCase]] = []

    func cases() throws -> [SearchCase] {
      try shape.isEmpty
        ? SearchCase.defaultShapes.flatMap { try SearchCase.cases(in: $0[...]) }
        : shape.flatMap(\.self)
    }
  }

  @OptionGroup(title: "Workload") var cases: Cases
  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var arrays: ArraysOption

  func run() throws {
    try options.run(
      "search", cases.cases().map(\.benchCase), compute: compute, arrays: arrays)
  }
}
