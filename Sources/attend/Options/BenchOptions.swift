import ArgumentParser
import Attention
import Benchmarks

/// Options of every benchmark: the number and duration of runs, and the output format.
struct BenchOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Minimum number of runs per row.", valueName: "count"))
  var repetitions = 5

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Minimum seconds per row, after a warm-up.", valueName: "seconds"))
  var seconds = 0.5

  @Option(help: "Output format; 'attend help bench' lists the keys of json.")
  var format = Format.text

  mutating func validate() throws {
    guard (1...1_000_000).contains(repetitions) else {
      throw ValidationError("--repetitions: expected 1 to 1000000, got \(repetitions)")
    }
    guard (0...3_600).contains(seconds) else {
      throw ValidationError("--seconds: expected 0 to 3600, got \(seconds)")
    }
  }

  /// Measures the cases, prints the report and writes `plot`.
  ///
  /// - Parameter readsMemory: whether to compare rows with the memory bandwidth, if their number of bytes
  ///   read is known.
  func run(
    _ benchmark: String, _ cases: [BenchCase], compute: BenchComputeOptions? = nil,
    arrays: ArraysOption? = nil, plot: PlotOption.Picture? = nil, readsMemory: Bool = false
  ) throws {
    let meter = compute.flatMap { $0.noPeak ? nil : PeakMeter() }
    let memoryMeter = readsMemory && meter != nil ? MemoryMeter() : nil
    var runner = BenchRunner(
      repetition: Repetition(repetitions: repetitions, seconds: seconds),
      backends: compute?.backends ?? [nil],
      threadCounts: compute?.threadCounts ?? [1], peakMeter: meter,
      memoryMeter: memoryMeter,
      arrays: try arrays?.folder())
    var progress = ProgressBar(isWanted: true)
    runner.onProgress = { done, total in
      progress.update(count: done, of: "rows", share: Double(done) / Double(total))
    }
    defer { progress.finish() }
    let rows = try withCompute(reproducible: compute?.reproducible) {
      try runner.rows(of: cases)
    }
    progress.finish()
    let report = BenchReport(
      benchmark: benchmark, machine: .current(version: Attend.configuration.version),
      repetition: runner.repetition, rows: rows,
      peaks: meter?.best ?? [:], memoryRates: memoryMeter?.best ?? [:],
      peakMemory: ResidentMemory.peak)
    for warning in report.warnings { StandardError.write(warning) }
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
