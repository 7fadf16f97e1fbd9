import ArgumentParser
import Benchmarks

/// The folder for a benchmark's inputs and results.
struct ArraysOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write each row's inputs and result as .npy files, for comparison with other libraries.",
      valueName: "folder"))
  var arrays: String?

  func folder() throws -> ArrayFolder? { try arrays.map(ArrayFolder.init(path:)) }
}
