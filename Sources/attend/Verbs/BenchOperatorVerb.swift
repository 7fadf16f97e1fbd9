import ArgumentParser

struct BenchOperatorVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operator",
    abstract: "Time softmax(QKᵀ/√d) V by itself.",
    discussion: """
      A shape is HxLxD: heads, queries and as many keys, features of a head. Behind it, :causal hides \
      later keys, and counts half of the work; :keys=N gives the queries other keys than themselves. \
      12x1x64:keys=1024 is a step of decoding, whose speed is that of reading keys and values: it \
      gets a column for that.

      attend bench operator --shape 12x512x64,12x512x64:causal --threads 1,2
      attend bench operator --shape 12x64..8192x64 --plot speed.svg
      """)

  struct Cases: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        """
        What is computed, in place of the \(OperatorShape.standard.count) standard shapes; 64..512 in \
        it is 64, 128, 256 and 512. May be repeated.
        """, valueName: "shapes"),
      transform: { try commaSeparated($0, OperatorShape.shapes(in:)) })
    var shape: [[OperatorShape]] = []

    /// The shapes that are asked for, or the standard ones.
    func shapes() throws -> [OperatorShape] {
      try shape.isEmpty
        ? OperatorShape.standard.flatMap { try OperatorShape.shapes(in: $0[...]) }
        : shape.flatMap(\.self)
    }
  }

  @OptionGroup(title: "What is timed") var cases: Cases

  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var plot: PlotOption
  @OptionGroup(title: "Files") var arrays: ArraysOption

  func run() throws {
    let picture = try plot.picture(
      title: "softmax(QKᵀ/√d) V", lengthName: "length in tokens (of one query: its keys)")
    try options.run(
      "operator", cases.shapes().map { OperatorCase(shape: $0).benchCase }, compute: compute,
      arrays: arrays, plot: picture)
  }
}
