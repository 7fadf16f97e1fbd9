import Attention
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AttentionModels

private final class Counter: Sendable {
  private let value = Mutex(0)

  func increment() { value.withLock { $0 += 1 } }
  func get() -> Int { value.withLock { $0 } }
}

/// Loading in asynchronous code.
@Suite struct LoadingTaskTests {
  @Test func `models load asynchronously`() async throws {
    let folder = try SentenceFixture.folder("mean")
    let embedder = try await SentenceEmbedder.load(model: folder.path)
    #expect(try embedder.embed("cat") == SentenceEmbedder(model: folder.path).embed("cat"))
    let same = try await SentenceEmbedder.load(ModelDirectory(path: folder.path), format: .int8)
    #expect(same.embeddingDimension == embedder.embeddingDimension)
    let tokenizer = try await Tokenizer.load(model: folder.path)
    #expect(try tokenizer.encode("cat").tokens == ["[CLS]", "cat", "[SEP]"])
    #expect(try Tokenizer(model: folder.path).encode("cat") == tokenizer.encode("cat"))
    let explainer = try await AttentionExplainer.load(model: folder.path)
    #expect(try await explainer.explain("cat").maps[0].layers.count == 2)
  }

  @Test func `errors are those of the initializers`() async throws {
    let folder = try TemporaryDirectory()
    await #expect(throws: ModelError.self) {
      try await SentenceEmbedder.load(model: folder.path)
    }
    await #expect(throws: ModelError.self) { try await Tokenizer.load(model: folder.path) }
    #expect(failureText { try Tokenizer(model: "no/such-model") }.contains("no/such-model"))
  }

  @Test func `a cancelled task loads nothing`() async throws {
    let folder = try SentenceFixture.folder("mean")
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await SentenceEmbedder.load(model: folder.path)
    }
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test(.hangLimit)
  func `blocking work takes no thread of the cooperative pool and keeps the scope`() async throws {
    // Each call waits until all calls have started. There are more calls than threads in the
    // cooperative pool.
    let count = 2 * ProcessInfo.processInfo.activeProcessorCount + 2
    let started = Counter()
    let backends = try await withCompute(backend: .portable) {
      try await withThrowingTaskGroup(of: Backend.self) { group in
        for _ in 0..<count {
          group.addTask {
            try await BlockingWork.run {
              started.increment()
              while started.get() < count { usleep(1_000) }
              return Backend.current
            }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
    }
    #expect(backends == Array(repeating: .portable, count: count))
  }
}
