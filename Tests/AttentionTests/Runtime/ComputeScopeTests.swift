import TestSupport
import Testing

@testable import Attention

/// The backend and the number of threads of a call, in nested scopes and in tasks.
@Suite struct ComputeScopeTests {
  private var now: [String] { ["\(Compute.current.backend)", "\(Compute.current.threadCount)"] }

  @Test func `the default is OpenBLAS on all available processors`() {
    #expect(now == ["openblas", "\(AvailableProcessors.count)"])
    #expect(AvailableProcessors.count >= 1)
  }

  @Test func `a scope sets only the given settings`() throws {
    let outside = now
    try withCompute(backend: .portable, threads: 3) {
      #expect(now == ["portable", "3"])
      try withCompute(threads: 7) { #expect(now == ["portable", "7"]) }
      try withCompute(backend: .reference) { #expect(now == ["reference", "3"]) }
      try withCompute {
        #expect(now == ["portable", "3"])
      }
      #expect(now == ["portable", "3"])
    }
    #expect(now == outside)
  }

  @Test func `the default activation precision is exact`() throws {
    #expect(Compute.current.layerInputs == .exact)
    try withCompute(layerInputs: .rounded) {
      #expect(Compute.current.layerInputs == .rounded)
      try withCompute(threads: 3) { #expect(Compute.current.layerInputs == .rounded) }
      try withCompute(layerInputs: .exact) { #expect(Compute.current.layerInputs == .exact) }
    }
    #expect(Compute.current.layerInputs == .exact)
  }

  @Test func `a scope ends when its body throws`() throws {
    struct Stop: Error {}
    let outside = now
    #expect(throws: Stop.self) {
      try withCompute(backend: .portable, threads: 3) { throw Stop() }
    }
    #expect(now == outside)
  }

  @Test(.hangLimit)
  func `scopes of concurrent tasks are independent`() async throws {
    let outside = now
    let backends = Backend.all
    let isRight = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 1...96 {
        group.addTask {
          let backend = backends[number % 3]
          return try await withCompute(backend: backend, threads: number) {
            for _ in 0..<20 {
              await Task.yield()
              guard Compute.current.backend == backend, Compute.current.threadCount == number
              else { return false }
            }
            return true
          }
        }
      }
      return try await group.reduce(true) { $0 && $1 }
    }
    #expect(isRight)
    #expect(now == outside)
  }

  @Test func `tasks started in a scope inherit it, and detached tasks do not`() async throws {
    let outside = now
    try await withCompute(backend: .portable, threads: 5) {
      async let child = now
      let task = Task { now }
      let detached = Task.detached { now }
      #expect(await child == ["portable", "5"])
      #expect(await task.value == ["portable", "5"])
      #expect(await detached.value == outside)
    }
  }

  @Test(arguments: [0, -1, .min]) func `a thread count below one is refused`(threads: Int) async {
    let text = failureText { try withCompute(threads: threads) { "ran" } }
    #expect(text == "threads: expected at least 1, got \(threads)")
    await #expect(throws: AttentionError.self) {
      try await withCompute(threads: threads) { await Task.yield() }
    }
  }

  @Test func `layers and steps use the backend of the scope, or the one of the call`() throws {
    let (outer, inner) = (CountingKernels(), CountingKernels())
    let scope = Backend(name: "outer", kernels: outer)
    let own = Backend(name: "inner", kernels: inner)
    var generator = SeededGenerator(seed: 26)
    let x = try generator.normalTensor([4, 6])
    let layer = try generator.linear(from: 6, to: 6)
    let cube = try x.reshaped(to: [4, 2, 3])
    try withCompute(backend: scope, threads: 1) {
      _ = try layer(x)
      #expect(outer.productCount == 1)
      _ = try matrixProduct(x.matrix(), x.matrix().transposed)
      #expect(outer.productCount == 2)
      _ = try attention(queries: cube, keys: cube, values: cube)
      let count = outer.productCount
      #expect(count > 2 && inner.productCount == 0)

      _ = try matrixProduct(x.matrix(), x.matrix().transposed, on: own)
      #expect(inner.productCount == 1)
      _ = try attention(queries: cube, keys: cube, values: cube, on: own)
      #expect(inner.productCount > 1 && outer.productCount == count)
    }
    let count = outer.productCount
    _ = try layer(x)
    #expect(outer.productCount == count)
  }

  @Test func `a huge thread count does not change the result`() throws {
    var generator = SeededGenerator(seed: 27)
    let x = try generator.normalTensor([64, 96])
    let layer = try generator.linear(from: 96, to: 300)
    for backend in [Backend.openBLAS, .portable] {
      let one = try withCompute(backend: backend, threads: 1) { try layer(x) }
      for threads in [2, 3, 64, 1000, .max] {
        let many = try withCompute(backend: backend, threads: threads) { try layer(x) }
        #expect(largestDistance(many.scalars, one.scalars.map(Double.init)) < 1e-5)
      }
    }
  }
}
