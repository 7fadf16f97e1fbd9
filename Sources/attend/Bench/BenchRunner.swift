import Attention

/// Measures cases, one after the other.
struct BenchRunner {
  let sampling: Sampling
  /// nil for what no backend takes part in.
  let backends: [Backend?]
  let threadCounts: [Int]
  /// nil if nothing is to be compared with what the machine can do.
  let peakMeter: PeakMeter?
  /// nil if nothing is to be compared with how fast memory can be read.
  var memoryMeter: MemoryMeter?
  /// Where inputs and results are to be written.
  let arrays: ArrayFolder?

  /// A result that is not what it should be: nothing is said about how fast it came.
  struct WrongResult: Error, CustomStringConvertible {
    let name: String
    let backend: String?
    let threads: Int
    let check: BenchCheck

    var description: String {
      """
      \(name), \(backend.map { "\($0), " } ?? "")threads \(threads): the result is wrong by \(check.error), \
      more than \(check.bound): not timed
      """
    }
  }

  /// A row for each case, backend and number of threads.
  func rows(of cases: [BenchCase]) throws -> [BenchRow] {
    let total = cases.count * backends.count * threadCounts.count
    var rows: [BenchRow] = []
    var progress = ProgressBar(isWanted: true)
    defer { progress.finish() }
    for benchCase in cases {
      let prepared = try benchCase.prepare()
      for backend in backends {
        for threads in threadCounts {
          rows.append(try row(benchCase, prepared, backend: backend, threads: threads))
          progress.update(
            count: rows.count, of: "rows", share: Double(rows.count) / Double(total))
        }
      }
      try arrays?.write(prepared.arrays(), of: benchCase.name)
    }
    return rows
  }

  private func row(
    _ benchCase: BenchCase, _ prepared: BenchCase.Prepared, backend: Backend?, threads: Int
  ) throws -> BenchRow {
    try BenchScope.$backend.withValue(backend ?? .openBLAS) {
      func compute<Result>(_ body: () throws -> Result) throws -> Result {
        try withCompute(backend: backend, threads: threads, body)
      }
      let memory = try ProcessMemory.needed { try compute(prepared.run) }
      let check = try compute(prepared.check)
      guard check.passes else {
        throw WrongResult(
          name: benchCase.name, backend: backend?.name, threads: threads, check: check)
      }
      var durations: Durations?
      func measure() throws {
        durations = try compute { try sampling.durations(of: prepared.run) }
      }
      var (peak, memoryRate): (Double?, Double?) = (nil, nil)
      if let memoryMeter, prepared.work.bytesRead != nil {
        memoryRate = try memoryMeter.around(threads: threads, measure)
      } else if let peakMeter {
        peak = try peakMeter.around(threads: threads, measure)
      } else {
        try measure()
      }
      guard let durations else { throw Failure.Usage("expected at least 1 repetition") }
      return BenchRow(
        benchCase: benchCase, backend: backend?.name, threads: threads, work: prepared.work,
        durations: durations, check: check, workMemory: memory, peak: peak,
        memoryRate: memoryRate)
    }
  }
}
