import ArgumentParser
import Attention
import Benchmarks

struct BenchLayerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layer",
    abstract: "Time multi-head attention and an encoder block with random weights.",
    discussion: """
      Default: the sizes of all-MiniLM-L6-v2.

      attend bench layer --hidden-size 768 --heads 12 --tokens 16..1024
      """)

  struct Cases: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Hidden size.", valueName: "count"))
    var hiddenSize = 384
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Number of heads, which divides the hidden size.", valueName: "count"))
    var heads = 12
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Intermediate size of the feed-forward layer. (default: 4 · hidden size)",
        valueName: "count"))
    var intermediateSize: Int?
    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        """
        Sequence lengths, a row for each; 64..512 is 64, 128, 256 and 512. \
        (default: 16,128,512)
        """,
        valueName: "counts"),
      transform: {
        try commaSeparated($0) { try SizeList.sizes(in: $0, count: 1, form: "a count") }
      })
    var tokens: [[Int]]?

    mutating func validate() throws {
      for (name, count) in [
        ("--hidden-size", hiddenSize), ("--heads", heads),
        ("--intermediate-size", intermediateSize ?? 1),
      ] {
        guard (1...1 << 20).contains(count) else {
          throw ValidationError("\(name): expected 1 to \(1 << 20), got \(count)")
        }
      }
      guard hiddenSize % heads == 0 else {
        throw ValidationError("--hidden-size: \(hiddenSize) is not divisible by \(heads) heads")
      }
    }

    var cases: [LayerCase] {
      let lengths = tokens?.flatMap(\.self) ?? [16, 128, 512]
      return LayerCase.Kind.allCases.flatMap { kind in
        lengths.map { length in
          LayerCase(
            kind: kind, tokens: length, hiddenSize: hiddenSize, heads: heads,
            intermediateSize: intermediateSize ?? 4 * hiddenSize)
        }
      }
    }
  }

  @OptionGroup(title: "Workload") var cases: Cases
  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var plot: PlotOption

  func run() throws {
    let picture = try plot.picture(
      title: "Layer throughput: hidden size \(cases.hiddenSize), \(counted(cases.heads, "head"))",
      lengthName: "length in tokens")
    try options.run("layer", cases.cases.map(\.benchCase), compute: compute, plot: picture)
  }
}
