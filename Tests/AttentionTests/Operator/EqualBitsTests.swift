import TestSupport
import Testing

@testable import Attention

/// A sequence has the same bits alone and in a batch, and with any number of threads: for every
/// instruction set, with SIMD kernels and with calls of sgemm.
///
/// Exceptions, because a product of few rows uses other kernels: in a batch, sequences of one token, and
/// with SIMD kernels of up to `GEMV_ROWS` tokens (tuning.h).
@Suite struct EqualBitsTests {
  struct Subject: Sendable, CustomTestStringConvertible {
    let name: String
    let backend: Backend
    /// The shortest sequence whose layers have the same bits alone.
    let leastTokens: Int

    var testDescription: String { name }

    /// Sequences of fewer tokens use products of few rows, for at most four.
    static let all = NativeKernels.all.flatMap { kernels in
      let blas = kernels.multiplying(with: OpenBLASMultiplier())
      let hasSmallKernels = OpenBLAS.shared.plan.hasSmallKernels
      return [
        Subject(
          name: kernels.name, backend: Backend(name: kernels.name, kernels: kernels),
          leastTokens: 5),
        Subject(
          name: "\(kernels.name), sgemm",
          backend: Backend(name: "\(kernels.name), sgemm", kernels: blas),
          leastTokens: hasSmallKernels ? 2 : 5),
      ]
    }
  }

  private static let lengths = [2, 64, 3, 130, 5, 1, 17, 600, 33, 1_100, 8]
  private static let masks: [(String, AttentionMask)] = [
    ("no mask", .none), ("causal", .causal), ("window", .window(left: 70, right: 10)),
  ]

  private func bits(_ tensor: Tensor) -> [UInt32] { tensor.scalars.map(\.bitPattern) }

  /// Compares each sequence of a batch, on 1 to 3 threads, with the sequence alone on one thread.
  private func expectEqualBits(
    _ lengths: [Int], rowSize: Int, leastTokens: Int = 1, _ name: String,
    batch: (_ threads: Int) throws -> Tensor, alone: (_ rows: Range<Int>) throws -> Tensor
  ) throws {
    let batches = try [1, 2, 3].map { bits(try batch($0)) }
    var start = 0
    for length in lengths {
      let rows = start..<start + length
      start += length
      guard length >= leastTokens else { continue }
      let expected = bits(try alone(rows))
      for (index, batch) in batches.enumerated() {
        let found = batch[rows.lowerBound * rowSize..<rows.upperBound * rowSize]
        #expect(
          found.elementsEqual(expected), "\(name), \(length) tokens, \(index + 1) threads")
      }
    }
  }

  @Test(arguments: Subject.all)
  func `attention to a batch`(_ subject: Subject) throws {
    let total = Self.lengths.reduce(0, +)
    for (headCount, keyValueHeadCount, dk, dv) in [(4, 4, 64, 64), (8, 2, 40, 17), (33, 1, 16, 16)]
    {
      let x = try OperatorCase(
        queryCount: total, keyCount: total, headCount: headCount,
        keyValueHeadCount: keyValueHeadCount, keyDimension: dk, valueDimension: dv
      ).arguments()
      for (name, mask) in Self.masks {
        var options = AttentionOptions(mask: mask)
        try expectEqualBits(
          Self.lengths, rowSize: headCount * dv, "\(subject.name), \(headCount) heads, \(name)"
        ) { threads in
          options.lengths = Self.lengths
          return try withCompute(backend: subject.backend, threads: threads) {
            try attention(
              queries: x.queries, keys: x.keys, values: x.values, options: options
            ).output
          }
        } alone: { rows in
          options.lengths = nil
          return try withCompute(backend: subject.backend, threads: 1) {
            try attention(
              queries: x.queries.rows(rows), keys: x.keys.rows(rows), values: x.values.rows(rows),
              options: options
            ).output
          }
        }
      }
    }
  }

  @Test(arguments: Subject.all)
  func `few queries with many keys`(_ subject: Subject) throws {
    for (queryCount, keyCount, heads) in [
      (1, 700, 6), (1, 5_000, 6), (3, 2_500, 1), (2, 1_025, 2), (1, 4_000, 1),
    ] {
      let x = try OperatorCase(
        queryCount: queryCount, keyCount: keyCount, headCount: 6, keyValueHeadCount: heads,
        keyDimension: 64, valueDimension: 64
      ).arguments()
      let outputs = try (1...5).map { threads in
        try withCompute(backend: subject.backend, threads: threads) {
          bits(
            try attention(
              queries: x.queries, keys: x.keys, values: x.values, options: AttentionOptions()
            ).output)
        }
      }
      #expect(
        outputs.allSatisfy { $0 == outputs[0] },
        "\(subject.name), \(queryCount) queries, \(keyCount) keys, \(heads) key heads")
    }
  }

  @Test(arguments: Subject.all)
  func `layers of a batch`(_ subject: Subject) throws {
    var generator = SeededGenerator(seed: 12)
    // The weights' last panel has 16 of its 32 columns, and 1,000 inputs are two K-blocks.
    let hiddenSize = 48
    func linear(_ outputs: Int, _ inputs: Int) throws -> Linear {
      try Linear(
        weight: generator.normalTensor([outputs, inputs]), bias: generator.normalTensor([outputs]))
    }
    let attention = try MultiHeadAttention(
      query: linear(hiddenSize, hiddenSize), key: linear(hiddenSize, hiddenSize),
      value: linear(hiddenSize, hiddenSize), output: linear(hiddenSize, hiddenSize), headCount: 3)
    let feedForward = try FeedForward(
      upProjection: linear(1_000, hiddenSize), activation: .gelu,
      downProjection: linear(hiddenSize, 1_000))
    let norm = try LayerNorm(
      weight: Tensor(shape: [hiddenSize], repeating: 1),
      bias: Tensor(shape: [hiddenSize], repeating: 0), epsilon: 1e-6)
    let block = try Transformer(blocks: [
      TransformerBlock(
        attention: attention, attentionNorms: .init(post: .layer(norm)), feedForward: feedForward,
        feedForwardNorms: .init(post: .layer(norm)))
    ])
    let lengths = [2, 64, 3, 130, 5, 17, 200, 33, 8]
    let x = try generator.normalTensor([lengths.reduce(0, +), hiddenSize])
    try expectEqualBits(
      lengths, rowSize: hiddenSize, leastTokens: subject.leastTokens, subject.name
    ) { threads in
      try withCompute(backend: subject.backend, threads: threads) {
        try block(x, lengths: lengths).output
      }
    } alone: { rows in
      try withCompute(backend: subject.backend, threads: 1) { try block(x.rows(rows)).output }
    }
  }

  /// Layers in reproducible mode, in every weight format, with exact and rounded inputs: sequences of any
  /// length, also of one token.
  @Test(arguments: Subject.all, WeightFormat.allCases)
  func `layers in reproducible mode`(_ subject: Subject, _ format: WeightFormat) throws {
    var generator = SeededGenerator(seed: 13)
    // The weights' last panel has 8 of its 32 columns, and 1,100 inputs are several K-blocks.
    let layer = try Linear(
      weight: generator.normalTensor([72, 1_100]), bias: generator.normalTensor([72]),
      format: format)
    let lengths = [1, 64, 3, 130, 5, 2, 200, 1, 33, 4, 14, 7]
    let x = try generator.normalTensor([lengths.reduce(0, +), 1_100])
    for inputs in LayerInputs.allCases {
      try expectEqualBits(
        lengths, rowSize: 72, "\(subject.name), \(format), \(inputs) inputs"
      ) { threads in
        try withCompute(
          backend: subject.backend, threads: threads, layerInputs: inputs, reproducible: true
        ) { try layer(x) }
      } alone: { rows in
        try withCompute(
          backend: subject.backend, threads: 1, layerInputs: inputs, reproducible: true
        ) { try layer(x.rows(rows)) }
      }
    }
  }

  @Test(arguments: Subject.all)
  func `general products in reproducible mode`(_ subject: Subject) throws {
    var generator = SeededGenerator(seed: 14)
    for (m, n, k) in [(700, 90, 300), (3, 1_500, 200), (300, 600, 1_100), (1, 40, 5)] {
      let (a, b) = (try generator.normalTensor([m, k]), try generator.normalTensor([k, n]))
      let products = try [1, 2, 3, 5].map { threads in
        try withCompute(backend: subject.backend, threads: threads, reproducible: true) {
          bits(try matrixProduct(a.matrix(), b.matrix()))
        }
      }
      #expect(products.allSatisfy { $0 == products[0] }, "\(subject.name), \(m) × \(n) × \(k)")
      let exact = try matrixProduct(a.matrix(), b.matrix(), on: .reference)
      let found = try withCompute(backend: subject.backend, reproducible: true) {
        try matrixProduct(a.matrix(), b.matrix())
      }
      #expect(largestDistance(found.scalars, exact.scalars.map(Double.init)) < 1e-4)
    }
  }

  /// The setting reaches nested scopes and tasks, and a nested scope can switch it off.
  @Test func `reproducible mode is part of the scope`() async throws {
    #expect(!Compute.current.isReproducible)
    try await withCompute(reproducible: true) {
      #expect(Compute.current.isReproducible)
      try withCompute(threads: 1) { #expect(Compute.current.isReproducible) }
      try withCompute(reproducible: false) { #expect(!Compute.current.isReproducible) }
      #expect(await Task { Compute.current.isReproducible }.value)
    }
  }
}
