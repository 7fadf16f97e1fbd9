import AttentionModels

/// Models that are loaded, used once and freed, many times: whether memory stays flat.
package struct RepeatedLoading {
  package let models: [(name: String, directory: ModelDirectory)]
  /// How often each model is loaded.
  package let count: Int
  /// Called after each load with the number of loads so far and the total number.
  package var onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in }

  package init(models: [(name: String, directory: ModelDirectory)], count: Int) {
    self.models = models
    self.count = count
  }

  /// Loads the models, and compares a result of each with the result of its first load.
  ///
  /// - Throws: the errors of loading and computing.
  package func run() throws -> LoadReport {
    let clock = ContinuousClock()
    let start = clock.now
    var samples: [MemorySlope.Sample] = []
    var expected: [String: [UInt32]] = [:]
    var (done, wrong) = (0, 0)
    for _ in 0..<count {
      for (name, directory) in models {
        let request = try SustainedLoad.requests(directory, name: name, newTokens: 1)[0]
        if let first = expected[name], first != request.expected { wrong += 1 }
        expected[name] = expected[name] ?? request.expected
        done += 1
        onProgress(done, count * models.count)
      }
      if let bytes = ResidentMemory.current {
        samples.append(.init(position: Double(done), bytes: bytes))
      }
    }
    return LoadReport(
      models: models.map(\.name), taskCount: nil, seconds: (clock.now - start) / .seconds(1),
      requestCount: done, wrongCount: wrong, memory: MemorySlope(samples))
  }
}
