import ArgumentParser
import Attention

/// The plot of a benchmark.
struct PlotOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write an SVG plot of GFLOP/s against length, with the sgemm peak as a dashed line.",
      valueName: "file.svg"))
  var plot: String?

  mutating func validate() throws {
    guard let plot else { return }
    guard plot.lowercased().hasSuffix(".svg") else {
      throw ValidationError("--plot: expected a file that ends in .svg, got '\(plot)'")
    }
  }

  /// The output file and the labels of a plot.
  struct Picture {
    let file: OutputFile
    let title: String
    /// The label of the horizontal axis.
    let lengthName: String
  }

  /// - Throws: `CLIError.Usage` for a path that cannot be written.
  func picture(title: String, lengthName: String) throws -> Picture? {
    try plot.map {
      Picture(file: try openOutput($0, flag: "--plot"), title: title, lengthName: lengthName)
    }
  }
}
