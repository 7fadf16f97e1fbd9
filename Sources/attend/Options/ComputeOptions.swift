import ArgumentParser
import Attention

/// The backend and the number of threads, for every command that computes.
struct ComputeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Compute backend: openblas multiplies with sgemm, native never calls BLAS, portable is pure \
      Swift, reference is double precision and slow.
      """, valueName: "name"))
  var backend: Backend = .openBLAS

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Number of threads. (default: all available CPUs)",
      valueName: "count"))
  var threads: Int?

  @Flag(
    help: ArgumentHelp(
      """
      Give each text the same bits alone, in any batch, and with any number of threads. Slower for a few \
      rows.
      """))
  var reproducible = false

  mutating func validate() throws {
    if let threads, threads < 1 {
      throw ValidationError("--threads: expected at least 1, got \(threads)")
    }
  }

  func run<Result>(
    layerInputs: LayerInputs? = nil, _ body: () throws -> Result
  ) throws -> Result {
    try withCompute(
      backend: backend, threads: threads, layerInputs: layerInputs, reproducible: reproducible, body
    )
  }
}

extension Backend: ExpressibleByArgument {
  /// Creates the backend with the name `argument`; nil if there is none.
  public init?(argument: String) {
    guard let backend = Backend.all.first(where: { $0.name == argument }) else { return nil }
    self = backend
  }

  /// The names of all backends.
  public static var allValueStrings: [String] { all.map(\.name) }
}
