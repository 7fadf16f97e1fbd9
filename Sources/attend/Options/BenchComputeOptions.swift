import ArgumentParser
import Attention
import Benchmarks

/// Backends, numbers of threads, and whether to measure the limits of the machine.
struct BenchComputeOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Numbers of threads, such as 1,2; a row for each. (default: all available CPUs)",
      valueName: "counts"),
    transform: threadCounts)
  var threads: [Int]?

  @Option(
    help: ArgumentHelp(
      """
      Backends, a row for each: \(Backend.allValueStrings.joined(separator: ", ")). (default: \
      \(Backend.all[0].name))
      """, valueName: "names"),
    transform: backends)
  var backend: [Backend]?

  @Flag(help: "Compute with the bits of reproducible mode: the same in any batch.")
  var reproducible = false

  @Flag(
    help: "Do not measure the sgemm peak and the memory bandwidth of this machine.")
  var noPeak = false

  var threadCounts: [Int] { threads ?? [AvailableProcessors.count] }
  var backends: [Backend] { backend ?? [.openBLAS] }

  @Sendable private static func threadCounts(_ text: String) throws -> [Int] {
    try commaSeparated(text) { part in
      guard let count = Int(part) else {
        throw ValidationError("expected counts separated by commas, got '\(text)'")
      }
      guard (1...4_096).contains(count) else {
        throw ValidationError("expected 1 to 4096 threads, got \(count)")
      }
      return [count]
    }
  }

  @Sendable private static func backends(_ text: String) throws -> [Backend] {
    try commaSeparated(text) { part in
      guard let backend = Backend(argument: String(part)) else {
        throw ValidationError(
          "expected \(Backend.allValueStrings.joined(separator: ", ")), got '\(part)'")
      }
      return [backend]
    }
  }
}
