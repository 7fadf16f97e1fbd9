import ArgumentParser
import Attention
import Benchmarks

struct BenchGEMMCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm",
    abstract: "Time matrix products, which take most of the time of a model.",
    discussion: """
      A shape is MxNxK: [M, K] times [K, N]. The suffix :weights stores the second factor as [N, K], \
      like the weights of a layer.

      attend bench gemm --backend openblas,portable --threads 1
      attend bench gemm --shape 16..512x1536x384:weights --plot weights.svg
      """)

  struct Cases: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        """
        Shapes; a size of 64..512 is 64, 128, 256 and 512. May be repeated. (default: square matrices \
        and the products of a layer)
        """, valueName: "shapes"),
      transform: { try commaSeparated($0, GEMMCase.cases(in:)) })
    var shape: [[GEMMCase]] = []

    /// The requested products, or the default ones.
    func cases() throws -> [GEMMCase] {
      try shape.isEmpty
        ? GEMMCase.defaultShapes.flatMap { try GEMMCase.cases(in: $0[...]) } : shape.flatMap(\.self)
    }
  }

  @OptionGroup(title: "Workload") var cases: Cases

  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var plot: PlotOption

  func run() throws {
    let picture = try plot.picture(
      title: "Matrix product throughput: C = AB with A of m × k and B of k × n", lengthName: "m")
    try options.run("gemm", cases.cases().map(\.benchCase), compute: compute, plot: picture)
  }
}
