import ArgumentParser
import Attention
import Benchmarks

struct BenchGEMMVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm",
    abstract: "Time products of matrices, what most of the time goes into.",
    discussion: """
      A shape is MxNxK: [M, K] times [K, N]. Behind it, :weights has the second factor stored as \
      [N, K], as layers keep their weights.

      attend bench gemm --backend openblas,portable --threads 1
      attend bench gemm --shape 16..512x1536x384:weights --plot weights.svg
      """)

  struct Cases: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        """
        Products to compute, in place of cubes and a layer's products; 64..512 in a shape is 64, 128, \
        256 and 512. May be repeated.
        """, valueName: "shapes"),
      transform: { try commaSeparated($0, GEMMCase.cases(in:)) })
    var shape: [[GEMMCase]] = []

    /// The products that are asked for, or the standard ones.
    func cases() throws -> [GEMMCase] {
      try shape.isEmpty
        ? GEMMCase.standard.flatMap { try GEMMCase.cases(in: $0[...]) } : shape.flatMap(\.self)
    }
  }

  @OptionGroup(title: "What is timed") var cases: Cases

  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var plot: PlotOption

  func run() throws {
    let picture = try plot.picture(
      title: "Matrix product throughput: C = AB with A of m × k and B of k × n", lengthName: "m")
    try options.run("gemm", cases.cases().map(\.benchCase), compute: compute, plot: picture)
  }
}
