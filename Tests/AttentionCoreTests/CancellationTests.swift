import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AttentionCore

/// Cancellation of synchronous work in a task.
@Suite struct CancellationTests {
  @Test func `nothing is cancelled outside of a task, nor in another task`() async throws {
    try await Task {
      #expect(!Cancellation.isRequested)
      try Cancellation.check()
    }.value
    let isRequested = try await inCancelledTask { Cancellation.isRequested }
    #expect(isRequested)
    #expect(!Cancellation.isRequested)
  }

  @Test func `a long loop ends early`() async throws {
    let count = 1_000_000
    @Sendable func steps() -> Int {
      var cancellation = CancellationSteps()
      var done = 0
      while done < count, !cancellation.isRequested() { done += 1 }
      return done
    }
    #expect(steps() == count)
    let done = try await inCancelledTask { steps() }
    #expect(done < 20_000)
  }

  @Test func `ranges cover everything, and end with cancellation`() async throws {
    var ranges: [Range<Int>] = []
    try Cancellation.forEachRange(of: 10, length: 4) { ranges.append($0) }
    #expect(ranges == [0..<4, 4..<8, 8..<10])
    try Cancellation.forEachRange(of: 0, length: 4) { _ in Issue.record("called") }

    await #expect(throws: CancellationError.self) {
      try await Task {
        try Cancellation.forEachRange(of: 10, length: 4) { range in
          #expect(range == 0..<4)
          cancelCurrentTask()
        }
      }.value
    }
  }

  private struct Failure: Error {}

  @Test func `cancellation comes before another error and before a result`() async throws {
    #expect(try Cancellation.checked { 1 } == 1)
    #expect(throws: Failure.self) { try Cancellation.checked { throw Failure() } }
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try Cancellation.checked { throw Failure() } }
    }
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try Cancellation.checked { 1 } }
    }
  }

  @Test func `abandonable work returns its result or its error`() throws {
    #expect(try AbandonableWork.run { 1 } == 1)
    #expect(throws: Failure.self) { try AbandonableWork.run { throw Failure() } as Int }
    // Without time for another thread, this thread does the work.
    #expect(try AbandonableWork.run(startLimit: .nanoseconds(0)) { 1 } == 1)
  }

  @Test func `a cancelled task does not wait for abandonable work`() async throws {
    let current = Mutex<Task<Void, any Error>?>(nil)
    let mayEnd = Atomic(false)
    let hasEnded = Atomic(false)
    let task = Task {
      // Only another thread may do this work, because this one would wait for itself.
      try AbandonableWork.run(startLimit: .seconds(600)) {
        // This thread cancels the task, because another thread may not be free.
        while current.withLock({ $0?.cancel() }) == nil { sched_yield() }
        while !Cancellation.isRequested || !mayEnd.load(ordering: .sequentiallyConsistent) {
          sched_yield()
        }
        hasEnded.store(true, ordering: .sequentiallyConsistent)
      }
    }
    current.withLock { $0 = task }
    await #expect(throws: CancellationError.self) { try await task.value }
    let hasEndedBefore = hasEnded.load(ordering: .sequentiallyConsistent)
    #expect(!hasEndedBefore)
    mayEnd.store(true, ordering: .sequentiallyConsistent)
    while !hasEnded.load(ordering: .sequentiallyConsistent) { await Task.yield() }
  }

  @Test func `JSON and files are not read in a cancelled task`() async throws {
    let text = Array("[\(repeatElement("0", count: 50_000).joined(separator: ","))]".utf8)
    #expect(try JSON.parse(text).array?.count == 50_000)
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try JSON.parse(text) }
    }
    let folder = try TemporaryDirectory()
    let path = try folder.write(text)
    #expect(try InputFile.contents(ofFile: path, limit: text.count) == text)
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try InputFile.contents(ofFile: path, limit: text.count) }
    }
  }
}
