import ArgumentParser
import Attention

/// How long is measured, and how it is told: the same for every benchmark.
struct BenchOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Repeat at least so often.", valueName: "count"))
  var repetitions = 5

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Repeat for at least so long, after a warm-up.", valueName: "seconds"))
  var seconds = 0.5

  @Option(help: "How the results are printed; 'attend help bench' lists json's keys.")
  var format = Format.text

  mutating func validate() throws {
    guard (1...1_000_000).contains(repetitions) else {
      throw ValidationError("--repetitions: expected 1 to 1000000, got \(repetitions)")
    }
    guard (0...3_600).contains(seconds) else {
      throw ValidationError("--seconds: expected 0 to 3600, got \(seconds)")
    }
  }

  /// Measures the cases and prints what comes out; `plot`, if there is one, gets the picture.
  ///
  /// - Parameter readsMemory: whether rows that read bytes are compared with how fast memory is read.
  func run(
    _ benchmark: String, _ cases: [BenchCase], compute: BenchComputeOptions? = nil,
    arrays: ArraysOption? = nil, plot: PlotOption.Picture? = nil, readsMemory: Bool = false
  ) throws {
    let meter = compute.flatMap { $0.noPeak ? nil : PeakMeter() }
    let memoryMeter = readsMemory && meter != nil ? MemoryMeter() : nil
    let runner = BenchRunner(
      sampling: Sampling(repetitions: repetitions, seconds: seconds),
      backends: compute?.backends ?? [nil],
      threadCounts: compute?.threadCounts ?? [1], peakMeter: meter,
      memoryMeter: memoryMeter,
      arrays: try arrays?.folder())
    let rows = try runner.rows(of: cases)
    let report = BenchReport(
      benchmark: benchmark, machine: .current(), sampling: runner.sampling, rows: rows,
      peaks: meter?.best ?? [:], memoryRates: memoryMeter?.best ?? [:],
      peakMemory: ProcessMemory.peak)
    switch format {
    case .text: for line in report.lines { try StandardOutput.line(line) }
    case .json: try StandardOutput.line(report.json)
    }
    if let plot {
      let picture = ThroughputPlot(
        title: plot.title, lengthName: plot.lengthName, report: report
      ).svg
      try plot.file.write(Array(picture.utf8))
      try plot.file.commit()
    }
  }
}

/// Who computes a benchmark, on how many threads, and compared with what.
struct BenchComputeOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many threads share the work; 1,2 is a row for each. (default: the processors of this process)",
      valueName: "counts"),
    transform: threadCounts)
  var threads: [Int]?

  @Option(
    help: ArgumentHelp(
      """
      Who computes, a row for each: openblas, portable (Swift alone), reference (in Double, slow). \
      (default: openblas)
      """, valueName: "names"),
    transform: backends)
  var backend: [Backend]?

  @Flag(
    help: "Do not measure what this machine can do at its best before and after each row.")
  var noPeak = false

  var threadCounts: [Int] { threads ?? [DefaultThreadCount.value] }
  var backends: [Backend] { backend ?? [.openBLAS] }

  @Sendable private static func threadCounts(_ text: String) throws -> [Int] {
    try commaSeparated(text) { part in
      guard let count = Int(part) else {
        throw ValidationError("expected counts with commas between them, got '\(text)'")
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

/// Where a benchmark's inputs and results go.
struct ArraysOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Written: each row's inputs and result as .npy files, for others to compute the same.",
      valueName: "folder"))
  var arrays: String?

  func folder() throws -> ArrayFolder? { try arrays.map(ArrayFolder.init(path:)) }
}

/// Where a benchmark's picture goes.
struct PlotOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Written: GFLOP/s against length as a picture, the peak as a dashed line.",
      valueName: "file.svg"))
  var plot: String?

  /// A picture that is to be drawn.
  struct Picture {
    let file: OutputFile
    let title: String
    /// What its horizontal axis counts.
    let lengthName: String
  }

  /// - Throws: `Failure.Usage` for a path that cannot be written.
  func picture(title: String, lengthName: String) throws -> Picture? {
    try plot.map { Picture(file: try openOutput($0), title: title, lengthName: lengthName) }
  }
}
