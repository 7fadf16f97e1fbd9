import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Attention

/// The threads of a parallel region, the operator, its gradients and products end when the task is
/// cancelled.
///
/// One test after the other: a helper that waits in one test would not help in another one.
@Suite(.serialized, .hangLimit) struct CancellationTests {
  /// A pool with possibly more helpers than the machine has processors.
  private static let pool = WorkerPool(helperLimit: 3)
  private static let backends = [Backend.openBLAS, .native, .portable, .reference]

  /// Waits for a condition that another thread makes true.
  private func wait(until condition: () -> Bool) {
    while !condition() { sched_yield() }
  }

  private func expectCancelled<Result: Sendable>(
    _ comment: Comment? = nil, _ body: @escaping @Sendable () throws -> Result
  ) async {
    await #expect(throws: CancellationError.self, comment) { try await Task { try body() }.value }
  }

  // MARK: - Threads

  @Test func `helpers see that the task is cancelled`() async {
    let entered = Atomic(0)
    let helped = Atomic(0)
    await expectCancelled {
      try Workers.forEach(count: 2, threads: 2, pool: Self.pool) { _ in
        entered.add(1, ordering: .sequentiallyConsistent)
        wait { entered.load(ordering: .sequentiallyConsistent) == 2 }
        if WorkerThread.number == WorkerThread.caller {
          cancelCurrentTask()
          try Cancellation.check()
        } else {
          wait { Cancellation.isRequested }
          helped.add(1, ordering: .relaxed)
        }
      }
    }
    #expect(helped.load(ordering: .relaxed) == 1)
  }

  @Test func `a thread that waits for its helpers looks for cancellation`() async {
    let entered = Atomic(0)
    let hasHelper = Atomic(false)
    let task = Task {
      try Workers.forEach(count: 2, threads: 2, pool: Self.pool) { _ in
        entered.add(1, ordering: .sequentiallyConsistent)
        wait { entered.load(ordering: .sequentiallyConsistent) == 2 }
        guard WorkerThread.number != WorkerThread.caller else { return }
        hasHelper.store(true, ordering: .sequentiallyConsistent)
        wait { Cancellation.isRequested }
        throw CancellationError()
      }
    }
    // Do not block this thread, which the task may need.
    while !hasHelper.load(ordering: .sequentiallyConsistent) { await Task.yield() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test(arguments: 1...4) func `no further index is started`(threads: Int) async {
    let started = Atomic(0)
    await expectCancelled {
      try Workers.forEach(count: 10_000, threads: threads, pool: Self.pool) { _ in
        started.add(1, ordering: .relaxed)
        guard WorkerThread.number.map({ $0 == WorkerThread.caller }) ?? true else {
          return wait { Cancellation.isRequested }
        }
        cancelCurrentTask()
        // As in every piece of work, the check raises the signal for the helpers.
        try Cancellation.check()
      }
    }
    #expect(started.load(ordering: .relaxed) <= threads)
  }

  @Test func `a cancelled map has no incomplete result`() async {
    for threads in [1, 2] {
      await expectCancelled {
        try withCompute(threads: threads) {
          try Workers.map(Array(0..<100), chunk: 4) { index, _ in
            if WorkerThread.number ?? WorkerThread.caller == WorkerThread.caller {
              cancelCurrentTask()
            } else {
              wait { Cancellation.isRequested }
            }
            return index
          }
        }
      }
    }
  }

  @Test func `long ranges are divided`() throws {
    let ranges = Mutex<[Range<Int>]>([])
    try Workers.forEachRange(of: 1_000, least: 3, most: 100, threads: 2) { range in
      ranges.withLock { $0.append(range) }
    }
    let sorted = ranges.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
    #expect(sorted.flatMap { Array($0) } == Array(0..<1_000))
    #expect(sorted.count == 10)
  }

  @Test func `cancellation during the last piece of work throws`() async {
    await expectCancelled {
      try Workers.forEach(count: 5, threads: 1) { if $0 == 4 { cancelCurrentTask() } }
    }
    let entered = Atomic(0)
    await expectCancelled {
      try Workers.forEach(count: 2, threads: 2, pool: Self.pool) { _ in
        entered.add(1, ordering: .sequentiallyConsistent)
        wait { entered.load(ordering: .sequentiallyConsistent) == 2 }
        if WorkerThread.number == WorkerThread.caller { cancelCurrentTask() }
      }
    }
  }

  // MARK: - The operator

  /// Cancels the task when the operator computes a score, and counts the blocks, or the rows of the
  /// reference, whose scores are computed.
  private final class Canceller: ScoreModifier {
    let isArmed = Atomic(false)
    let calls = Atomic(0)

    private func count() {
      calls.add(1, ordering: .relaxed)
      if isArmed.load(ordering: .relaxed) { cancelCurrentTask() }
    }

    func value(of score: Double, at position: ScorePosition) -> Double {
      if position.key == 0 { count() }
      return score
    }
    func derivative(of score: Double, at position: ScorePosition) -> Double { 1 }
    func modify(_ tile: ScoreTile) { count() }
  }

  @Test(arguments: backends)
  func `attention and its gradients end after the block in work`(backend: Backend) async throws {
    let isReference = backend == .reference
    let length = isReference ? 200 : 1_500
    let x = try OperatorCase(
      queryCount: length, keyCount: length, headCount: 4, keyValueHeadCount: 2, keyDimension: 16,
      valueDimension: 16
    ).arguments()
    let outputGradient = try Tensor(shape: x.queries.shape, repeating: 1)
    for hasGradients in [false, true] {
      for results in [AttentionResults(), .weights, .meanWeights]
      where results.isEmpty || !hasGradients {
        let canceller = Canceller()
        let options = AttentionOptions(modifiers: [canceller])
        let compute: @Sendable () throws -> Void = {
          try withCompute(backend: backend, threads: 1) {
            if hasGradients {
              _ = try attentionGradients(
                of: outputGradient, queries: x.queries, keys: x.keys, values: x.values,
                options: options)
            } else {
              _ = try attention(
                queries: x.queries, keys: x.keys, values: x.values, options: options,
                returning: results)
            }
          }
        }
        try compute()
        let all = canceller.calls.exchange(0, ordering: .relaxed)
        canceller.isArmed.store(true, ordering: .relaxed)
        await expectCancelled("\(backend), gradients \(hasGradients)") { try compute() }
        let done = canceller.calls.load(ordering: .relaxed)
        // One head of a block of 1,024 queries is 64 strips of 16 queries.
        #expect(done >= 1 && done <= all / 4, "\(backend): \(done) of \(all)")
      }
    }
  }

  // MARK: - Products

  @Test(arguments: backends)
  func `products are not computed in a cancelled task`(backend: Backend) async throws {
    var generator = SeededGenerator(seed: 3)
    let (a, b) = (try generator.normalTensor([40, 50]), try generator.normalTensor([60, 50]))
    let layer = try Linear(weight: b)
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask {
        try matrixProduct(a.matrix(), b.matrix().transposed, on: backend)
      }
    }
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try withCompute(backend: backend) { try layer(a) } }
    }
  }

  /// The portable kernels; a general product cancels the task, and leaves C incomplete.
  private struct IncompleteKernels: Kernels {
    func multiply(_ product: MatrixProduct) throws { cancelCurrentTask() }
  }

  @Test func `a product that is cancelled in its last block throws`() async throws {
    let a = try Tensor(shape: [4, 4], repeating: 1)
    let backend = Backend(name: "cancelling", kernels: IncompleteKernels())
    for reproducible in [false, true] {
      await expectCancelled("reproducible \(reproducible)") {
        try withCompute(threads: 1, reproducible: reproducible) {
          try matrixProduct(a.matrix(), a.matrix(), on: backend)
        }
      }
    }
  }

  @Test(arguments: [(1_100, 1_030, 1_050), (1_025, 700, 1_700)])
  func `a product in checked blocks is the product`(m: Int, n: Int, k: Int) throws {
    #expect(m * n * k > Tuning.GeneralProduct.multiplicationsBetweenChecks)
    var generator = SeededGenerator(seed: 4)
    // Integers below 2²⁴ are exact in float32.
    func integers(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(Int.random(in: -9...9, using: &generator)) }
    }
    let (a, b, t) = (integers(m * k), integers(k * n), integers(n))
    var c = integers(m * n)
    let old = c
    let (alpha, beta) = (Float(2), Float(-3))
    for isTransposed in [false, true] {
      c = old
      try a.withUnsafeBufferPointer { a in
        try b.withUnsafeBufferPointer { b in
          try c.withUnsafeMutableBufferPointer { c in
            try MatrixProduct(
              m: m, n: n, k: k, alpha: alpha,
              a: .init(
                #require(a.baseAddress), leadingDimension: isTransposed ? m : k,
                isTransposed: isTransposed),
              b: .init(
                #require(b.baseAddress), leadingDimension: isTransposed ? k : n,
                isTransposed: isTransposed),
              beta: beta, c: #require(c.baseAddress), cLeadingDimension: n
            ).compute()
          }
        }
      }
      // C t = α A (B t) + β C t, in integers.
      func product(_ x: [Float], _ rows: Int, _ columns: Int, _ v: [Double], _ isTransposed: Bool)
        -> [Double]
      {
        (0..<rows).map { row in
          (0..<columns).reduce(0.0) {
            $0 + Double(x[isTransposed ? $1 * rows + row : row * columns + $1]) * v[$1]
          }
        }
      }
      let vector = t.map(Double.init)
      let bt = product(b, k, n, vector, isTransposed)
      let expected = zip(product(a, m, k, bt, isTransposed), product(old, m, n, vector, false))
        .map { Double(alpha) * $0 + Double(beta) * $1 }
      #expect(product(c, m, n, vector, false) == expected, "transposed \(isTransposed)")
    }
  }

  // MARK: - Memory

  @Test func `large tensors are filled and copied exactly, and not in a cancelled task`()
    async throws
  {
    let count = 2 * Tuning.Memory.scalarsBetweenChecks + 5
    var filled = try Tensor(shape: [count], repeating: 3)
    #expect(filled.scalars.allSatisfy { $0 == 3 })
    let shared = filled
    try filled.scale(by: 2)
    try filled.add(shared)
    #expect(filled.scalars.allSatisfy { $0 == 9 })
    #expect(shared.scalars.allSatisfy { $0 == 3 })
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask { try Tensor(shape: [count], repeating: 3) }
    }
    await #expect(throws: CancellationError.self) {
      try await inCancelledTask {
        var copy = shared
        try copy.withMutableSpan { $0[0] = 1 }
      }
    }
  }

  /// The portable kernels; the task is cancelled when a norm has been called `limit` times.
  private struct CancellingKernels: Kernels {
    let limit: Int
    let calls = Counter()

    final class Counter: Sendable { let value = Atomic(0) }

    func layerNorm(
      _ row: UnsafeMutableBufferPointer<Float>, weight: UnsafePointer<Float>,
      bias: UnsafePointer<Float>, epsilon: Float
    ) {
      if calls.value.add(1, ordering: .relaxed).newValue == limit { cancelCurrentTask() }
      PortableKernels().layerNorm(row, weight: weight, bias: bias, epsilon: epsilon)
    }
  }

  @Test func `caches are as before`() async throws {
    var generator = SeededGenerator(seed: 5)
    let size = 32
    func linear() throws -> Linear { try Linear(weight: generator.normalTensor([size, size])) }
    let norm = try LayerNorm(
      weight: Tensor(shape: [size], repeating: 1), bias: Tensor(shape: [size], repeating: 0),
      epsilon: 1e-6)
    let transformer = try Transformer(
      blocks: (0..<3).map { _ in
        try TransformerBlock(
          attention: MultiHeadAttention(
            query: linear(), key: linear(), value: linear(), output: linear(), headCount: 2),
          attentionNorms: .init(post: .layer(norm)), options: AttentionOptions(mask: .causal),
          feedForward: FeedForward(
            upProjection: linear(), activation: .gelu, downProjection: linear()),
          feedForwardNorms: .init(post: .layer(norm)))
      })
    let (prompt, step) = (
      try generator.normalTensor([5, size]), try generator.normalTensor([3, size])
    )
    var caches = try transformer.makeCaches(sequenceCount: 1)
    _ = try withCompute(backend: .portable, threads: 1) {
      try transformer(prompt, caches: &caches)
    }
    var untouched = caches
    let expected = try withCompute(backend: .portable, threads: 1) {
      try transformer(step, caches: &untouched)
    }
    // Two norms for each of three rows and blocks: the 8th call is in the second block.
    let backend = Backend(name: "cancelling", kernels: CancellingKernels(limit: 8))
    let before = caches
    let after = await Task {
      var caches = before
      let error = #expect(throws: CancellationError.self) {
        try withCompute(backend: backend, threads: 1) {
          _ = try transformer(step, caches: &caches)
        }
      }
      #expect(error != nil)
      return caches
    }.value
    #expect(after.map(\.lengths) == [[5], [5], [5]])
    var continued = after
    let found = try withCompute(backend: .portable, threads: 1) {
      try transformer(step, caches: &continued)
    }
    #expect(found == expected)
  }
}
