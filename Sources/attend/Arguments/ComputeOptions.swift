import ArgumentParser
import Attention

/// Who computes, and on how many threads: the same for every verb that computes.
struct ComputeOptions: ParsableArguments {
  @Option(help: "Who computes: openblas, portable (Swift alone) or reference (Double, slow).")
  var backend: Backend = .openBLAS

  @Option(help: "How many threads share the work. (default: the processors of this process)")
  var threads: Int?

  mutating func validate() throws {
    if let threads, threads < 1 {
      throw ValidationError("--threads: expected at least 1, got \(threads)")
    }
  }

  func run<Result>(_ body: () throws -> Result) throws -> Result {
    try withCompute(backend: backend, threads: threads, body)
  }
}

extension Backend: ExpressibleByArgument {
  /// The backend of that name.
  public init?(argument: String) {
    guard let backend = Backend.all.first(where: { $0.name == argument }) else { return nil }
    self = backend
  }

  /// The names that can be given.
  public static var allValueStrings: [String] { all.map(\.name) }
}
