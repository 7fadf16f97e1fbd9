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
}
