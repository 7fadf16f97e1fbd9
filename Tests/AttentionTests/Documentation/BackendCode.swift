import Attention
import TestSupport
import Testing

/// The code of the article "Backends and threads".
struct BackendCode {
  private let q: Tensor
  private let k: Tensor
  private let v: Tensor

  init() throws {
    var generator = SeededGenerator(seed: 3)
    q = try generator.normalTensor([17, 2, 8])
    k = try generator.normalTensor([17, 2, 8])
    v = try generator.normalTensor([17, 2, 8])
  }

  @Test func `a call or a scope selects the backend`() throws {
    let fast = try attention(queries: q, keys: k, values: v)
    let alone = try withCompute(backend: .portable, threads: 1) {
      try attention(queries: q, keys: k, values: v)
    }
    let exact = try attention(queries: q, keys: k, values: v, on: .reference)
    for output in [fast, alone] {
      #expect(largestDistance(output.scalars, exact.scalars.map(Double.init)) < 1e-5)
    }
  }

  @Test func `a scope selects the number of threads, and the bits are always equal`() throws {
    let output = try withCompute(threads: 1) {
      try attention(queries: q, keys: k, values: v)
    }
    let again = try withCompute(threads: 1) { try attention(queries: q, keys: k, values: v) }
    #expect(output == again)
  }

  @Test func `packed sequences do not attend to each other`() throws {
    let result = try attention(
      queries: q, keys: k, values: v,
      options: AttentionOptions(mask: .causal, lengths: [3, 5, 9]), returning: .weights)
    #expect(result.output.shape == [17, 2, 8] && result.weights?.shape == [2, 17, 17])
    #expect(result.weights?[0, 3, 2] == 0, "the second sequence does not see the first")
  }

  @Test func `reproducible mode gives a layer's row the bits that it has in a batch`() throws {
    let layer = try Linear(weight: Tensor(shape: [5, 8], scalars: q.scalars.prefix(40)))
    func computed(_ input: Tensor) throws -> Tensor {
      let output = try withCompute(reproducible: true) {
        try layer(input)
      }
      return output
    }
    let batch = try q.reshaped(to: [34, 8])
    #expect(try computed(batch).rows(7..<8) == computed(batch.rows(7..<8)))
  }

  @Test func `a cancelled layer throws`() async throws {
    let layer = try Linear(weight: Tensor(shape: [5, 8], scalars: q.scalars.prefix(40)))
    let input = try Tensor(shape: [1 << 19, 8], repeating: 1)
    let task = Task { try layer(input) }
    task.cancel()
    // The task may have ended before.
    switch await task.result {
    case .success(let output): #expect(output.shape == [1 << 19, 5])
    case .failure(let error): #expect(error is CancellationError)
    }
  }
}
