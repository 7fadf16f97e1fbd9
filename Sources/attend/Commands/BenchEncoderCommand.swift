import ArgumentParser
import AttentionModels
import Benchmarks

struct BenchEncoderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encoder",
    abstract: "Time the encoder of a model on texts of equal length.",
    discussion: """
      A shape is BxT: B texts of T tokens each, with ids from the whole vocabulary.

      attend bench encoder --threads 1,2
      attend bench encoder --shape 1x16..512 --plot encoder.svg
      """)

  struct Cases: ParsableArguments {
    @OptionGroup var model: EncoderOption

    @Option(
      help: ArgumentHelp(
        """
        Shapes; a size of 16..128 is 16, 32, 64 and 128. May be repeated. \
        (default: \(EncoderShape.defaultShapes.joined(separator: ",")))
        """, valueName: "shapes"),
      transform: { try commaSeparated($0, EncoderShape.shapes(in:)) })
    var shape: [[EncoderShape]] = []

    /// The requested shapes, or the default shapes that fit the model's context length.
    func shapes(upTo longest: Int) throws -> [EncoderShape] {
      guard !shape.isEmpty else {
        return try EncoderShape.defaultShapes.flatMap { try EncoderShape.shapes(in: $0[...]) }
          .filter { $0.tokens <= longest }
      }
      let shapes = shape.flatMap(\.self)
      if let tooLong = shapes.first(where: { $0.tokens > longest }) {
        throw CLIError.Usage(
          "--shape: \(tooLong.tokens) tokens exceed the model's context length of \(longest)")
      }
      return shapes
    }
  }

  @OptionGroup(title: "Workload") var cases: Cases

  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var plot: PlotOption
  @OptionGroup(title: "Files") var arrays: ArraysOption

  func run() throws {
    let directory = try cases.model.directory()
    let picture = try plot.picture(
      title: "Encoder throughput: \(cases.model.name)", lengthName: "tokens in all texts")
    let encoder = try EncoderModels.load(directory, format: cases.model.weights)
    let shapes = try cases.shapes(upTo: encoder.contextLength ?? Int.max)
    let sweepsTexts = EncoderShape.sweepsTexts(shapes)
    try options.run(
      "encoder",
      shapes.map {
        EncoderCase(encoder: encoder, shape: $0, sweepsTexts: sweepsTexts).benchCase
      },
      compute: compute, arrays: arrays, plot: picture)
  }
}
