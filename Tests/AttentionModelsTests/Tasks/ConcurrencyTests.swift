import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Many tasks over one model's weights, and over several models, at once.
@Suite struct ConcurrencyTests {
  private static let backends = [Backend.openBLAS, .portable]

  @Test(.hangLimit, arguments: backends)
  func `64 forwards at once all give the result of one`(backend: Backend) async throws {
    let fixture = try BERTFixture("plain")
    let (model, tokens) = (fixture.model, fixture.tokens)
    let expected = try withCompute(backend: backend, threads: 2) { try model(tokens).hiddenStates }
    let results = try await withCompute(backend: backend, threads: 2) {
      try await withThrowingTaskGroup(of: Tensor.self) { group in
        for _ in 0..<64 {
          group.addTask { try model(tokens).hiddenStates }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
    }
    #expect(results.count == 64)
    #expect(results.allSatisfy { $0 == expected })
  }

  @Test(.hangLimit)
  func `different models on different backends at once do not interfere`() async throws {
    let names = ["plain", "masked-lm", "bf16", "sharded", "relu"]
    let fixtures = try names.map { try BERTFixture($0) }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<60 {
        let fixture = fixtures[number % fixtures.count]
        let (model, tokens) = (fixture.model, fixture.tokens)
        let golden = try #require(fixture.hidden.last).scalars.map(Double.init)
        let bound = fixture.hiddenBound
        group.addTask {
          try withCompute(backend: Self.backends[number % 2], threads: 1 + number % 3) {
            largestDistance(try model(tokens).hiddenStates.scalars, golden) <= bound
          }
        }
      }
      var results: [Bool] = []
      for try await isRight in group { results.append(isRight) }
      #expect(results == Array(repeating: true, count: 60))
    }
  }

  @Test(.hangLimit)
  func `one embedder serves many tasks`() async throws {
    let fixture = try SentenceFixture("mean")
    let embedder = try fixture.embedder()
    let texts = fixture.texts
    let expected = try texts.map { try embedder.embed($0) }
    try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for number in 0..<64 {
        let index = number % texts.count
        group.addTask { (index, try embedder.embed(texts[index])) }
      }
      for try await (index, vector) in group { #expect(vector == expected[index]) }
    }
  }
}
