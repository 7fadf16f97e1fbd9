import ArgumentParser
import Benchmarks

struct BenchOperatorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator",
    abstract: "Time the attention operator, softmax(QKᵀ/√d) V.",
    discussion: """
      A shape is HxLxD: heads, tokens, head dimension. Suffixes, which can be combined:

      :causal   a causal mask, which halves the counted work
      :mask     a random boolean mask [query, key] with about 3/4 true
      :bias     a random tensor [query, key], added to the scores
      :softcap  scores limited to ±\(Int(OperatorShape.softcap)): c · tanh(s / c)
      :alibi    ALiBi with the published slopes
      :keys=N   the number of keys

      12x1x64:keys=1024 is a decoding step, which memory bandwidth limits: its keys and values count as \
      "GB/s read".

      attend bench operator --shape 12x512x64,12x512x64:causal --threads 1,2
      attend bench operator --shape 12x512x64,12x512x64:mask,12x512x64:causal:alibi
      attend bench operator --shape 12x64..8192x64 --plot speed.svg
      """)

  struct Cases: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        """
        Shapes; a size of 64..512 is 64, 128, 256 and 512. May be repeated. (default: \
        \(OperatorShape.defaultShapes.count) common shapes)
        """, valueName: "shapes"),
      transform: { try commaSeparated($0, OperatorShape.shapes(in:)) })
    var shape: [[OperatorShape]] = []

    /// The requested shapes, or the default ones.
    func shapes() throws -> [OperatorShape] {
      try shape.isEmpty
        ? OperatorShape.defaultShapes.flatMap { try OperatorShape.shapes(in: $0[...]) }
        : shape.flatMap(\.self)
    }
  }

  @OptionGroup(title: "Workload") var cases: Cases

  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var plot: PlotOption
  @OptionGroup(title: "Files") var arrays: ArraysOption

  func run() throws {
    let shapes = try cases.shapes()
    let picture = try plot.picture(
      title: "Attention throughput: softmax(QKᵀ/√d) V",
      lengthName: shapes.contains(where: \.isDecoding)
        ? "length in tokens (1 query: keys)" : "length in tokens")
    try options.run(
      "operator", shapes.map { OperatorCase(shape: $0).benchCase }, compute: compute,
      arrays: arrays, plot: picture)
  }
}
