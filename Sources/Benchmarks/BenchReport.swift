import Attention

/// The results of one run of `attend bench`, as a table or as JSON.
package struct BenchReport {
  package let benchmark: String
  package let machine: HostInfo
  package let repetition: Repetition
  package let rows: [BenchRow]
  /// The sgemm peak for each number of threads, in operations per second.
  package let peaks: [Int: Double]
  /// The memory bandwidth for each number of threads, in bytes per second.
  package var memoryRates: [Int: Double] = [:]
  /// The peak resident memory of the process, in bytes.
  package let peakMemory: Int?

  package init(
    benchmark: String, machine: HostInfo, repetition: Repetition, rows: [BenchRow],
    peaks: [Int: Double],
    memoryRates: [Int: Double] = [:], peakMemory: Int?
  ) {
    self.benchmark = benchmark
    self.machine = machine
    self.repetition = repetition
    self.rows = rows
    self.peaks = peaks
    self.memoryRates = memoryRates
    self.peakMemory = peakMemory
  }

  // MARK: - Text

  package var lines: [String] {
    var lines = machine.lines
    let backends = Set(rows.compactMap(\.backend)).sorted().joined(separator: ", ")
    lines.append((backends.isEmpty ? "" : "backend \(backends); ") + "each row: \(repetition)")
    for (name, rates, unit) in [("sgemm peak", peaks, "GFLOP/s"), ("memory", memoryRates, "GB/s")]
    where !rates.isEmpty {
      let figures = rates.sorted { $0.key < $1.key }.map { threads, rate in
        "\(String(rate / 1e9, digits: 1)) \(unit) on \(counted(threads, "thread"))"
      }
      lines.append("\(name): " + figures.joined(separator: ", "))
    }
    lines.append("")
    lines += table
    if let peakMemory {
      lines += ["", "peak memory of the process: \(peakMemory >> 20) MiB"]
    }
    return lines
  }

  /// A line for each row and each machine limit that is slower with more threads than with fewer.
  package var warnings: [String] {
    let slowLimits = [("sgemm peak", peaks), ("memory", memoryRates)].flatMap { name, rates in
      rates.sorted { $0.key < $1.key }.compactMap { threads, rate in
        rates.filter { $0.key < threads && $0.value > rate }.keys.min().map { (name, threads, $0) }
      }
    }
    let slowRows = rows.compactMap { row in
      row.fasterThreads.map { faster in
        let name = [row.benchCase.name, row.backend].compactMap(\.self).joined(separator: ", ")
        return (name, row.threads, faster)
      }
    }
    return (slowLimits + slowRows).map { name, threads, faster in
      let processors =
        threads > machine.processorCount
        ? "; this process may use \(counted(machine.processorCount, "processor"))" : ""
      return "warning: \(name): \(threads) threads are slower than \(faster)\(processors)"
    }
  }

  private struct Column {
    let title: String
    var alignment = Table.Alignment.right
    let cell: (BenchRow) -> String?
  }

  private static var columns: [Column] {
    [
      Column(title: "median ms") { milliseconds($0.durations.median) },
      Column(title: "best") { milliseconds($0.durations.best) },
      Column(title: "GFLOP/s") { $0.flops.map { significant($0 / 1e9) } },
      Column(title: "of peak") { $0.peakShare.map { "\(String(100 * $0, digits: 0)) %" } },
      Column(title: "GB/s read") { $0.bytesReadPerSecond.map { significant($0 / 1e9) } },
      Column(title: "of memory") { $0.memoryShare.map { "\(String(100 * $0, digits: 0)) %" } },
      Column(title: "tokens/s") { $0.tokensPerSecond.map { String($0, digits: 0) } },
      Column(title: "texts/s") { $0.textsPerSecond.map { significant($0) } },
      Column(title: "MB/s text") { $0.textBytesPerSecond.map { significant($0 / 1e6) } },
      Column(title: "work MiB") { $0.workMemory.map { String(Double($0) / 0x1p20, digits: 1) } },
      Column(title: "sgemm calls") { $0.sgemmCalls.map { "\($0)" } },
      Column(title: "error") { String(scientific: $0.check.error) },
      Column(title: "", alignment: .left) { row in
        row.fasterThreads.map { "slower than \(counted($0, "thread"))" }
      },
    ]
  }

  /// One line for each row. A column without a value in any row is left out.
  private var table: [String] {
    var columns = [Column(title: "", alignment: .left) { $0.benchCase.name }]
    if Set(rows.map(\.backend)).count > 1 {
      columns.append(Column(title: "backend", alignment: .left) { $0.backend })
    }
    columns.append(Column(title: "threads") { "\($0.threads)" })
    columns += Self.columns
    columns = columns.filter { column in rows.contains { column.cell($0) != nil } }
    var table = Table(columns.map(\.alignment))
    table.row(columns.map(\.title))
    for row in rows { table.row(columns.map { $0.cell(row) ?? "" }) }
    return table.lines
  }

  private static func milliseconds(_ seconds: Double) -> String { significant(seconds * 1e3) }

  /// `value` with at least three significant digits.
  private static func significant(_ value: Double) -> String {
    value == 0 ? "0" : String(value, digits: value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0)
  }

  // MARK: - JSON

  package var json: String {
    JSONText.object([
      "benchmark": JSONText.string(benchmark),
      "machine": machine.json,
      "settings": JSONText.object([
        "repetitions": "\(repetition.repetitions)", "seconds": JSONText.number(repetition.seconds),
      ]),
      "peaks": JSONText.array(
        peaks.sorted { $0.key < $1.key }.map {
          JSONText.object(["threads": "\($0)", "gflops": JSONText.number($1 / 1e9)])
        }),
      "memory": JSONText.array(
        memoryRates.sorted { $0.key < $1.key }.map {
          JSONText.object([
            "threads": "\($0)", "gigabytes_per_second": JSONText.number($1 / 1e9),
          ])
        }),
      "rows": JSONText.array(rows.map(\.json)),
      "peak_memory_bytes": peakMemory.map { "\($0)" } ?? "null",
    ])
  }

  /// Describes the keys of `--format json`, for the help text.
  package static let description = """
    --format json prints one object: "benchmark"; "machine", with processor, processors, system, \
    kernels, openblas_version, openblas_core, openblas_failure, sgemm_plan, swift and version; "settings", with \
    repetitions and seconds; "peaks", with threads and gflops; "memory", with threads and \
    gigabytes_per_second; "rows"; "peak_memory_bytes". A row has name, backend, threads, repetitions, \
    median_seconds, best_seconds, faster_threads (a smaller number of threads that is faster), gflops, \
    peak_gflops, peak_share, gigabytes_per_second, memory_gigabytes_per_second, memory_share, \
    tokens_per_second, texts_per_second, text_megabytes_per_second, work_memory_bytes, \
    sgemm_calls (of one run), error and error_bound. A value that does not apply is null.
    """
}
