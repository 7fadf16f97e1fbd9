import Attention

/// Measures cases one after the other.
package struct BenchRunner {
  package let repetition: Repetition
  /// nil for cases that use no backend.
  package let backends: [Backend?]
  package let threadCounts: [Int]
  /// nil: no comparison with the sgemm peak.
  package let peakMeter: PeakMeter?
  /// nil: no comparison with the memory bandwidth.
  package var memoryMeter: MemoryMeter?
  /// The folder for inputs and results.
  package let arrays: ArrayFolder?
  /// Called after each row with the number of rows measured so far and the total number of rows.
  package var onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in }

  package init(
    repetition: Repetition, backends: [Backend?], threadCounts: [Int], peakMeter: PeakMeter?,
    memoryMeter: MemoryMeter? = nil, arrays: ArrayFolder?,
    onProgress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) {
    self.repetition = repetition
    self.backends = backends
    self.threadCounts = threadCounts
    self.peakMeter = peakMeter
    self.memoryMeter = memoryMeter
    self.arrays = arrays
    self.onProgress = onProgress
  }

  /// The result of a case is wrong, so its speed is not reported.
  package struct WrongResult: Error, CustomStringConvertible {
    package let name: String
    package let backend: String?
    package let threads: Int
    package let check: BenchCheck

    package var description: String {
      """
      \(name), \(backend.map { "\($0), " } ?? "")threads \(threads): wrong result, not timed: the error \
      \(check.error) exceeds the bound \(check.bound)
      """
    }
  }

  /// A row for each case, backend and number of threads.
  ///
  /// Every row is compared with the best peak of the whole run for its number of threads.
  package func rows(of cases: [BenchCase]) throws -> [BenchRow] {
    let total = cases.count * backends.count * threadCounts.count
    var rows: [BenchRow] = []
    for benchCase in cases {
      let prepared = try naming(benchCase) { try benchCase.prepare() }
      for backend in backends {
        for threads in threadCounts {
          rows.append(
            try naming(benchCase) {
              try row(benchCase, prepared, backend: backend, threads: threads)
            })
          onProgress(rows.count, total)
        }
      }
      try arrays?.write(prepared.arrays(), of: benchCase.name)
    }
    return rows.map { row in
      var row = row
      switch row.meter {
      case .peak: row.peak = peakMeter?.best[row.threads]
      case .memory: row.memoryRate = memoryMeter?.best[row.threads]
      case nil: break
      }
      row.fasterThreads = Self.fasterThreads(than: row, in: rows)
      return row
    }
  }

  /// Adds the name of the case to an error about memory or sizes, because users know the case but not its
  /// tensors.
  private func naming<Result>(_ benchCase: BenchCase, _ body: () throws -> Result) throws -> Result
  {
    do {
      return try body()
    } catch let error as AttentionError {
      throw CaseFailure(name: benchCase.name, error: error)
    }
  }

  /// An error inside a case.
  package struct CaseFailure: Error, CustomStringConvertible {
    package let name: String
    package let error: AttentionError

    package var description: String { "\(name): \(error)" }
  }

  /// The ratio of times above which a row counts as slower than a row with fewer threads. Smaller ratios
  /// are noise.
  private static let tolerance = 1.05

  /// The smallest number of threads, below the number of the row, with which the same case is faster; nil if
  /// there is none.
  private static func fasterThreads(than row: BenchRow, in rows: [BenchRow]) -> Int? {
    rows.filter {
      $0.threads < row.threads && $0.backend == row.backend
        && $0.benchCase.name == row.benchCase.name
        && $0.durations.median * tolerance < row.durations.median
    }.map(\.threads).min()
  }

  private func row(
    _ benchCase: BenchCase, _ prepared: BenchCase.Prepared, backend: Backend?, threads: Int
  ) throws -> BenchRow {
    func compute<Result>(_ body: () throws -> Result) throws -> Result {
      try withCompute(backend: backend, threads: threads, body)
    }
    let check = try compute(prepared.check)
    guard check.passes else {
      throw WrongResult(
        name: benchCase.name, backend: backend?.name, threads: threads, check: check)
    }
    var sgemmCalls: Int?
    let memory = try ResidentMemory.needed {
      let before = OpenBLAS.shared.callCount
      try compute(prepared.run)
      if backend != nil { sgemmCalls = OpenBLAS.shared.callCount - before }
    }
    var durations: Durations?
    func measure() throws {
      durations = try compute { try repetition.durations(of: prepared.run) }
    }
    var meter: BenchRow.Meter?
    if let memoryMeter, prepared.work.bytesRead != nil {
      meter = .memory
      try memoryMeter.around(threads: threads, measure)
    } else if let peakMeter {
      meter = .peak
      try peakMeter.around(threads: threads, measure)
    } else {
      try measure()
    }
    guard let durations else { throw BenchError("expected at least 1 repetition") }
    return BenchRow(
      benchCase: benchCase, backend: backend?.name, threads: threads, work: prepared.work,
      durations: durations, check: check, workMemory: memory, sgemmCalls: sgemmCalls,
      meter: meter)
  }
}
