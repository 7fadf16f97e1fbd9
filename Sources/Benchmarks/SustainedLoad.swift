import Attention
import AttentionModels
import Synchronization

/// Many tasks that use the same models at once, as on a server: whether all results are right, and whether
/// memory stays flat.
package struct SustainedLoad: Sendable {
  /// One request to a model, and its result computed alone.
  package struct Request: Sendable {
    /// The model's name.
    package let model: String
    package let run: @Sendable () throws -> [UInt32]
    package let expected: [UInt32]

    /// - Parameter run: computes the result, which must have the same bits each time.
    package init(model: String, run: @escaping @Sendable () throws -> [UInt32]) throws {
      self.model = model
      self.run = run
      expected = try withCompute(threads: 1, reproducible: true) { try run() }
    }
  }

  package let requests: [Request]
  package let taskCount: Int
  package let seconds: Double

  package init(requests: [Request], taskCount: Int, seconds: Double) {
    self.requests = requests
    self.taskCount = taskCount
    self.seconds = seconds
  }

  /// Texts of different lengths.
  package static let texts = [
    "The cat sat on the mat.", "Thank you.",
    "The dog saw a bird in the garden because it was hungry.",
    "A small house.", "The girl reads a book about the sea and the moon while her brother sleeps.",
  ]

  /// Requests that embed texts, or that continue them by `newTokens` tokens.
  ///
  /// - Throws: the errors of loading a model.
  package static func requests(
    _ directory: ModelDirectory, name: String, newTokens: Int = 8
  ) throws -> [Request] {
    let type = try directory.configuration().string("model_type")
    if EncoderModels.isEncoderOnly(type) {
      let embedder = try SentenceEmbedder(directory)
      return try texts.map { text in
        try Request(model: name) { try embedder.embed(text).map(\.bitPattern) }
      }
    }
    let generator = try TextGenerator(directory)
    var options = generator.options
    options.isSampling = false
    options.maxNewTokens = newTokens
    return try texts.map { [options] text in
      try Request(model: name) {
        try generator.generate(text, options: options).tokens.map {
          UInt32(truncatingIfNeeded: $0.id)
        }
      }
    }
  }

  /// The counts and samples of a run.
  private final class Progress: Sendable {
    let clock = ContinuousClock()
    let start: ContinuousClock.Instant
    let done = Atomic(0)
    let wrong = Atomic(0)
    let samples = Mutex<[MemorySlope.Sample]>([])

    init() { start = clock.now }

    var seconds: Double { (clock.now - start) / .seconds(1) }

    /// Adds a sample of the resident memory if the last one is at least `interval` seconds old.
    func sampleMemory(interval: Double) {
      samples.withLock { samples in
        let now = seconds
        guard now >= (samples.last?.position ?? 0) + interval, let bytes = ResidentMemory.current
        else { return }
        samples.append(MemorySlope.Sample(position: now, bytes: bytes))
      }
    }
  }

  /// Runs the tasks until the time is over. Each task computes one request after another, and at least
  /// one, on one thread.
  ///
  /// - Throws: the first error of a request.
  package func run() async throws -> LoadReport {
    let progress = Progress()
    try await runTasks(progress)
    return LoadReport(
      models: requests.reduce(into: []) { if !$0.contains($1.model) { $0.append($1.model) } },
      taskCount: taskCount, seconds: progress.seconds,
      requestCount: progress.done.load(ordering: .relaxed),
      wrongCount: progress.wrong.load(ordering: .relaxed),
      memory: MemorySlope(progress.samples.withLock { $0 }))
  }

  private func runTasks(_ progress: Progress) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<taskCount {
        group.addTask { [requests, seconds] in
          var index = number
          repeat {
            let request = requests[index % requests.count]
            let found = try withCompute(threads: 1, reproducible: true) { try request.run() }
            if found != request.expected { progress.wrong.add(1, ordering: .relaxed) }
            progress.done.add(1, ordering: .relaxed)
            progress.sampleMemory(interval: min(1, max(0.01, seconds / 100)))
            index += 1
            await Task.yield()
          } while progress.seconds < seconds
        }
      }
      try await group.waitForAll()
    }
  }
}
