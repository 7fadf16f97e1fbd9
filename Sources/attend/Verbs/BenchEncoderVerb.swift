import ArgumentParser
import AttentionModels
import Benchmarks

struct BenchEncoderVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encoder",
    abstract: "Time a model's encoder on texts of one length.",
    discussion: """
      A shape is BxT: B texts of T tokens each, with ids from the whole vocabulary.

      attend bench encoder --threads 1,2
      attend bench encoder --shape 1x16..512 --plot encoder.svg
      """)

  struct Cases: ParsableArguments {
    @OptionGroup var model: ModelOption

    @Option(
      help: ArgumentHelp(
        """
        Shapes to encode; 16..128 in a shape is 16, 32, 64 and 128. May be repeated. \
        (default: \(EncoderShape.standard.joined(separator: ",")))
        """, valueName: "shapes"),
      transform: { try commaSeparated($0, EncoderShape.shapes(in:)) })
    var shape: [[EncoderShape]] = []

    /// The shapes that are asked for, or the standard ones that a model can read.
    func shapes(upTo longest: Int) throws -> [EncoderShape] {
      guard !shape.isEmpty else {
        return try EncoderShape.standard.flatMap { try EncoderShape.shapes(in: $0[...]) }
          .filter { $0.tokens <= longest }
      }
      let shapes = shape.flatMap(\.self)
      if let tooLong = shapes.first(where: { $0.tokens > longest }) {
        throw Failure.Usage(
          "--shape: \(tooLong.tokens) tokens, longer than the \(longest) of the model")
      }
      return shapes
    }
  }

  @OptionGroup(title: "What is timed") var cases: Cases

  @OptionGroup(title: "Computing") var compute: BenchComputeOptions
  @OptionGroup(title: "Measuring") var options: BenchOptions
  @OptionGroup(title: "Files") var plot: PlotOption
  @OptionGroup(title: "Files") var arrays: ArraysOption

  func run() throws {
    let directory = try cases.model.directory()
    let picture = try plot.picture(
      title: "Encoder throughput: \(cases.model.model)", lengthName: "tokens in all texts together")
    let encoder = try BERT(directory)
    let shapes = try cases.shapes(upTo: encoder.configuration.maximumLength)
    let sweepsTexts = EncoderShape.sweepsTexts(shapes)
    try options.run(
      "encoder",
      shapes.map {
        EncoderCase(encoder: encoder, shape: $0, sweepsTexts: sweepsTexts).benchCase
      },
      compute: compute, arrays: arrays, plot: picture)
  }
}
