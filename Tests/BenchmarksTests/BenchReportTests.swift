import Foundation
import Testing

@testable import Attention
@testable import Benchmarks

/// The table, the warnings and the plot of `attend bench`, from rows with known values.
@Suite struct BenchReportTests {
  private static let machine = HostInfo(
    processor: "Abacus <1>", processorCount: 2, system: "Linux", kernels: "AVX-9",
    openBLASVersion: "0.3",
    openBLASCore: "Core", sgemmPlan: "the plan", openBLASFailure: nil, swift: "6.2",
    version: "0.1.0")

  /// A row with 1 GFLOP of work.
  private func row(
    _ name: String, length: Int, _ series: BenchSeries, threads: Int, seconds: Double,
    peak: Double? = nil, slowerThan: Int? = nil
  ) throws -> BenchRow {
    let benchCase = BenchCase(name: name, length: length, series: series) {
      BenchCase.Prepared(
        work: BenchWork(operations: 1e9), run: {}, check: { BenchCheck(error: 0, bound: 1) },
        arrays: { [] })
    }
    return BenchRow(
      benchCase: benchCase, backend: "openblas", threads: threads,
      work: BenchWork(operations: 1e9), durations: try #require(Durations([seconds])),
      check: BenchCheck(error: 0, bound: 1), workMemory: nil, sgemmCalls: 4, meter: .peak,
      peak: peak,
      fasterThreads: slowerThan)
  }

  private func report(_ rows: [BenchRow], peaks: [Int: Double] = [:]) -> BenchReport {
    BenchReport(
      benchmark: "operator", machine: Self.machine,
      repetition: Repetition(repetitions: 1, seconds: 0), rows: rows, peaks: peaks, peakMemory: nil)
  }

  private func series(_ dimension: Int, heads: Int = 4, causal: Bool = false) -> BenchSeries {
    let part = BenchSeries.Part(text: "d = \(dimension)", isAlwaysInLegend: true)
    return BenchSeries(
      [.init(text: "\(heads) heads"), part] + (causal ? [.init(text: "causal")] : []))
  }

  private func count(_ part: String, in text: String) -> Int {
    text.components(separatedBy: part).count - 1
  }

  // MARK: - Rows

  /// A case whose runs sleep for a number of milliseconds that depends on the number of threads.
  private func waiting(_ milliseconds: @escaping @Sendable (Int) -> Int) -> BenchCase {
    BenchCase(name: "waiting", length: 8, series: BenchSeries("waiting")) {
      BenchCase.Prepared(
        work: BenchWork(operations: 1e6),
        run: { usleep(UInt32(1_000 * milliseconds(Compute.current.threadCount))) },
        check: { BenchCheck(error: 0, bound: 1) }, arrays: { [] })
    }
  }

  @Test func `The fraction of the peak is the speed divided by the reported peak`() throws {
    let meter = PeakMeter()
    let runner = BenchRunner(
      repetition: Repetition(repetitions: 2, seconds: 0), backends: [.openBLAS],
      threadCounts: [1, 2],
      peakMeter: meter, arrays: nil)
    let rows = try runner.rows(of: [waiting { _ in 1 }, waiting { _ in 2 }])
    #expect(rows.count == 4)
    for row in rows {
      #expect(row.peak == meter.best[row.threads])
      let share = try #require(row.flops) / #require(meter.best[row.threads])
      #expect(row.peakShare == share)
    }
  }

  @Test func `A row that is faster with fewer threads is marked and gets a warning`() throws {
    let runner = BenchRunner(
      repetition: Repetition(repetitions: 1, seconds: 0), backends: [.openBLAS],
      threadCounts: [2, 1, 3], peakMeter: nil, arrays: nil)
    let rows = try runner.rows(of: [waiting { [1: 40, 2: 120][$0] ?? 5 }])
    #expect(rows.map(\.fasterThreads) == [1, nil, nil])
    let report = report(rows)
    #expect(report.warnings.count == 1)
    let warning = try #require(report.warnings.first)
    for word in ["warning: ", "waiting", "openblas", "2 threads", "slower than 1"] {
      #expect(warning.contains(word), "\(warning)")
    }
    #expect(report.lines.count { $0.hasSuffix("slower than 1 thread") } == 1)
    #expect(report.json.contains(#""faster_threads": 1"#))
  }

  @Test func `A peak that is lower with more threads gets a warning`() throws {
    let rows = [try row("a", length: 8, series(4), threads: 4, seconds: 1, slowerThan: 2)]
    let warnings = report(rows, peaks: [1: 100e9, 2: 150e9, 4: 120e9]).warnings
    #expect(warnings.count == 2)
    #expect(warnings.allSatisfy { $0.contains("4 threads are slower than 2") }, "\(warnings)")
    #expect(warnings.allSatisfy { $0.contains("2 processors") }, "\(warnings)")
    #expect(warnings.contains { $0.contains("sgemm peak") })
    #expect(report([rows[0]], peaks: [1: 100e9, 2: 100e9]).warnings.count == 1)
  }

  // MARK: - Plots

  @Test func `Each sweep is a separate line, and the title has the shared parts`() throws {
    var rows: [BenchRow] = []
    for series in [series(16), series(64), series(64, causal: true)] {
      for length in [64, 128, 256] {
        for threads in [1, 2] {
          rows.append(
            try row("x", length: length, series, threads: threads, seconds: 1 / Double(length)))
        }
      }
    }
    let svg = ThroughputPlot(title: "Attention", lengthName: "length", report: report(rows)).svg
    #expect(count("<polyline", in: svg) == 6)
    for text in [
      ">Attention, 4 heads<", ">d = 16<", ">d = 64<", ">d = 64, causal<", "Abacus &lt;1>",
    ] { #expect(svg.contains(text.replacing("1>", with: "1&gt;")), "\(text)") }
    // Each line goes from left to right once.
    for line in svg.matches(of: /points="([^"]*)"/) {
      let xs = line.output.1.split(separator: " ").map { Double($0.prefix { $0 != "," }) ?? .nan }
      #expect(xs.count == 3 && xs == xs.sorted() && Set(xs).count == 3, "\(xs)")
    }
  }

  @Test func `Sweeps with different numbers of heads are separate lines`() throws {
    let rows = [
      try row("4x64x16", length: 64, series(16, heads: 4), threads: 1, seconds: 1),
      try row("8x64x16", length: 64, series(16, heads: 8), threads: 1, seconds: 2),
    ]
    let svg = ThroughputPlot(title: "Attention", lengthName: "length", report: report(rows)).svg
    #expect(count("<polyline", in: svg) == 2)
    #expect(svg.contains(">Attention<") && svg.contains(">4 heads, d = 16<"))
    #expect(svg.contains(">8 heads, d = 16<"))
  }

  @Test(arguments: [1, 3, 30])
  func `No marker covers a label, and all labels are on the page`(seriesCount: Int) throws {
    var rows: [BenchRow] = []
    for index in 0..<seriesCount {
      for (length, speed) in [(1, 0.01), (64, 1.0), (100, 99), (8_192, 100)] {
        for threads in [1, 2] {
          rows.append(
            try row(
              "x", length: length, series(16 << index % 8, heads: index, causal: index % 2 > 0),
              threads: threads, seconds: 1 / speed))
        }
      }
    }
    let svg = ThroughputPlot(
      title: "Attention", lengthName: "length in tokens",
      report: report(rows, peaks: [1: 50e9, 2: 99e9])
    ).svg
    let page = try #require(svg.firstMatch(of: /width="(\d+)" height="(\d+)"/)).output
    let (width, height) = (try #require(Double(page.1)), try #require(Double(page.2)))
    var labels: [(x: ClosedRange<Double>, y: ClosedRange<Double>)] = []
    for match in svg.matches(
      of: /<text class="[a-z]+" x="([\d.]+)" y="([\d.]+)" text-anchor="([a-z]+)">([^<]*)</)
    {
      let (x, y) = (try #require(Double(match.output.1)), try #require(Double(match.output.2)))
      // An upper bound for the width of a letter.
      let length = 7.2 * Double(match.output.4.count)
      let start = ["start": x, "middle": x - length / 2, "end": x - length][match.output.3] ?? x
      labels.append((start...start + length, y - 10...y + 3))
    }
    #expect(labels.count > 10)
    for label in labels {
      #expect(label.y.lowerBound > 0 && label.y.upperBound < height && label.x.upperBound < width)
    }
    let marks = svg.matches(of: /<circle class="[^"]*" cx="([\d.]+)" cy="([\d.]+)"/).map {
      (x: Double($0.output.1) ?? .nan, y: Double($0.output.2) ?? .nan)
    }
    #expect(marks.count >= rows.count)
    for mark in marks {
      #expect(
        !labels.contains {
          (mark.x - 5...mark.x + 5).overlaps($0.x) && (mark.y - 5...mark.y + 5).overlaps($0.y)
        }, "a marker at \(mark) covers a label")
    }
  }

  @Test func `The 9th and later series differ from the first by their dash patterns`() throws {
    let rows = try (0..<20).map {
      try row("x", length: 64, BenchSeries("s\($0)"), threads: 1, seconds: 1)
    }
    let svg = ThroughputPlot(title: "t", lengthName: "length", report: report(rows)).svg
    let styles = svg.matches(of: /<polyline class="([^"]*)"/).map { String($0.output.1) }
    #expect(styles.count == 20 && Set(styles).count == 20, "\(styles)")
  }
}
