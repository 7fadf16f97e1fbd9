import DemonstrationModels
import Synchronization
import TestSupport
import Testing

@testable import Benchmarks

/// Sustained load: results, and the slope of memory.
@Suite(.hangLimit) struct LoadTests {
  @Test func `the slope is that of the least-squares line after the warm-up`() throws {
    // The first 2 of 10 samples do not count.
    let samples = (0..<10).map {
      MemorySlope.Sample(position: Double($0), bytes: $0 < 2 ? 0 : 1_000 + 30 * $0)
    }
    let slope = try #require(MemorySlope(samples))
    #expect(slope.first == 1_060 && slope.last == 1_270)
    #expect(abs(slope.slope - 30) < 1e-9)
    #expect(MemorySlope([]) == nil && MemorySlope([.init(position: 1, bytes: 5)]) == nil)
  }

  @Test func `a wrong result is counted`() async throws {
    let calls = Counter()
    let request = try SustainedLoad.Request(model: "odd") { [UInt32(calls.next() % 2)] }
    let right = try SustainedLoad.Request(model: "even") { [7] }
    let report = try await SustainedLoad(requests: [request, right], taskCount: 2, seconds: 0)
      .run()
    #expect(report.requestCount > 0 && report.wrongCount > 0)
    #expect(report.wrongCount < report.requestCount)
    #expect(report.models == ["odd", "even"])
    #expect(report.lines[1].hasSuffix("wrong results: \(report.wrongCount)"))
    #expect(report.json.contains(#""wrong": \#(report.wrongCount)"#))
  }

  private struct Failure: Error {}

  @Test func `the error of a request ends the run`() async throws {
    let calls = Counter()
    let request = try SustainedLoad.Request(model: "failing") {
      if calls.next() > 3 { throw Failure() }
      return []
    }
    await #expect(throws: Failure.self) {
      try await SustainedLoad(requests: [request], taskCount: 3, seconds: 60).run()
    }
  }

  @Test func `64 tasks on different models all compute right results`() async throws {
    let requests = try DemonstrationModel.generators.flatMap {
      try SustainedLoad.requests($0.directory(), name: $0.rawValue, newTokens: 2)
    }
    let report = try await SustainedLoad(requests: requests, taskCount: 64, seconds: 0.5).run()
    #expect(report.requestCount >= 64 && report.wrongCount == 0)
  }

  @Test func `models are loaded and freed`() throws {
    let model = DemonstrationModel.toyGPT2
    let report = try RepeatedLoading(models: [(model.rawValue, model.directory())], count: 5).run()
    #expect(report.requestCount == 5 && report.wrongCount == 0)
    #expect(report.taskCount == nil && report.lines[1].hasPrefix("loads: 5,"))
  }
}

private final class Counter: Sendable {
  private let value = Mutex(0)
  func next() -> Int {
    value.withLock {
      $0 += 1; return $0
    }
  }
}
