/// The measurements of one case, with one backend on one number of threads.
struct BenchRow {
  let benchCase: BenchCase
  /// nil for a case that no backend computes.
  let backend: String?
  let threads: Int
  let work: BenchWork
  let durations: Durations
  let check: BenchCheck
  /// The memory of one run beyond its inputs, the result included; nil if unknown.
  let workMemory: Int?
  /// The limit of this machine with which the row is compared; nil for none.
  let meter: Meter?
  /// The peak of this machine on these threads, in operations a second; nil if not measured.
  var peak: Double?
  /// The memory bandwidth on these threads, in bytes a second; nil if not measured.
  var memoryRate: Double?
  /// A smaller number of threads that computes the case faster; nil if there is none.
  var fasterThreads: Int?

  /// A limit of the machine.
  enum Meter {
    case peak, memory
  }

  /// Operations a second.
  var flops: Double? { work.operations.map { $0 / durations.median } }
  /// The share of the peak.
  var peakShare: Double? { flops.flatMap { flops in peak.map { flops / $0 } } }
  var tokensPerSecond: Double? { work.tokens.map { Double($0) / durations.median } }
  var textsPerSecond: Double? { work.texts.map { Double($0) / durations.median } }
  var bytesReadPerSecond: Double? { work.bytesRead.map { $0 / durations.median } }
  /// The share of the memory bandwidth.
  var memoryShare: Double? {
    bytesReadPerSecond.flatMap { rate in memoryRate.map { rate / $0 } }
  }
  var textBytesPerSecond: Double? { work.textBytes.map { Double($0) / durations.median } }

  var json: String {
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
      "error": JSONText.number(check.error),
      "error_bound": JSONText.number(check.bound),
    ])
  }
}

extension JSONText {
  /// The shortest decimal that reads back as the same Double; `null` for nil, NaN and infinities.
  static func number(_ value: Double?) -> String {
    value.map { $0.isFinite ? "\($0)" : "null" } ?? "null"
  }
}
