import Attention

/// The measurements of one case with one backend and one number of threads.
package struct BenchRow {
  package let benchCase: BenchCase
  /// nil for a case that uses no backend.
  package let backend: String?
  package let threads: Int
  package let work: BenchWork
  package let durations: Durations
  package let check: BenchCheck
  /// The memory that one run needs beyond its inputs, including the result; nil if unknown.
  package let workMemory: Int?
  /// The calls of sgemm in one run; nil for a case that uses no backend.
  package let sgemmCalls: Int?
  /// The machine limit that the row is compared with; nil for none.
  package let meter: Meter?
  /// The sgemm peak with this number of threads, in operations per second; nil if not measured.
  package var peak: Double?
  /// The memory bandwidth with this number of threads, in bytes per second; nil if not measured.
  package var memoryRate: Double?
  /// A smaller number of threads that is faster; nil if there is none.
  package var fasterThreads: Int?

  /// A limit of the machine.
  package enum Meter {
    case peak, memory
  }

  /// Operations per second.
  package var flops: Double? { work.operations.map { $0 / durations.median } }
  /// The fraction of the peak.
  package var peakShare: Double? { flops.flatMap { flops in peak.map { flops / $0 } } }
  package var tokensPerSecond: Double? { work.tokens.map { Double($0) / durations.median } }
  package var textsPerSecond: Double? { work.texts.map { Double($0) / durations.median } }
  package var bytesReadPerSecond: Double? { work.bytesRead.map { $0 / durations.median } }
  /// The fraction of the memory bandwidth.
  package var memoryShare: Double? {
    bytesReadPerSecond.flatMap { rate in memoryRate.map { rate / $0 } }
  }
  package var textBytesPerSecond: Double? { work.textBytes.map { Double($0) / durations.median } }

  package var json: String {
    JSONText.object([
      "name": JSONText.string(benchCase.name),
      "backend": backend.map(JSONText.string) ?? "null",
      "threads": "\(threads)",
      "repetitions": "\(durations.count)",
      "median_seconds": JSONText.number(durations.median),
      "best_seconds": JSONText.number(durations.best),
      "gflops": JSONText.number(flops.map { $0 / 1e9 }),
      "peak_gflops": JSONText.number(peak.map { $0 / 1e9 }),
      "peak_share": JSONText.number(peakShare),
      "gigabytes_per_second": JSONText.number(bytesReadPerSecond.map { $0 / 1e9 }),
      "memory_gigabytes_per_second": JSONText.number(memoryRate.map { $0 / 1e9 }),
      "memory_share": JSONText.number(memoryShare),
      "tokens_per_second": JSONText.number(tokensPerSecond),
      "texts_per_second": JSONText.number(textsPerSecond),
      "text_megabytes_per_second": JSONText.number(textBytesPerSecond.map { $0 / 1e6 }),
      "faster_threads": fasterThreads.map { "\($0)" } ?? "null",
      "work_memory_bytes": workMemory.map { "\($0)" } ?? "null",
      "sgemm_calls": sgemmCalls.map { "\($0)" } ?? "null",
      "error": JSONText.number(check.error),
      "error_bound": JSONText.number(check.bound),
    ])
  }
}
