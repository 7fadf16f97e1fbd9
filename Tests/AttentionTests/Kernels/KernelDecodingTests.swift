import TestSupport
import Testing

@testable import Attention

/// Products of a few rows with keys and values that are read in place.
@Suite struct KernelDecodingTests {
  /// The operands of a product: each matrix ends at a fence, and its rows have gaps.
  private struct Operands {
    let rows: Int
    let heads: Int
    let keys: Int
    let dimension: Int
    let queries: [Float]
    let weights: [Float]
    let vectors: [Float]
    let former: [Float]

    init(
      rows: Int, heads: Int, keys: Int, dimension: Int, using generator: inout SeededGenerator
    ) {
      (self.rows, self.heads, self.keys, self.dimension) = (rows, heads, keys, dimension)
      queries = generator.numbers(rows * dimension)
      weights = generator.numbers(rows * keys)
      vectors = generator.numbers(keys * heads * dimension)
      former = generator.numbers(rows * dimension)
    }

    /// An element of the key or value that a row is multiplied by.
    func vector(_ key: Int, _ column: Int, of row: Int) -> Double {
      Double(vectors[(key * heads + row / (rows / heads)) * dimension + column])
    }
  }

  private let memory = (
    rows: FencedMemory(capacity: 1024), keys: FencedMemory(capacity: 100 * 308),
    result: FencedMemory(capacity: 1024)
  )
  private let gap = FencedMemory<Float>.filler

  /// A matrix with gaps between its rows.
  private func spread(_ scalars: [Float], rows: Int, width: Int, stride: Int) -> [Float] {
    KernelPackingTests.rows(rows, of: width, stride: stride, gap: gap) {
      scalars[$0 * width + $1]
    }
  }

  /// Runs a product of each instruction set on fenced copies.
  private func check(
    _ name: String, _ x: Operands, base: [Float], baseWidth: Int, result: [Float], width: Int,
    scale: Float, run: (any Kernels, CacheProduct) -> Void, expected: [Expected]
  ) throws {
    let (stride, keyStride, resultStride) = (
      baseWidth + 1, x.heads * x.dimension + 7, width + 3
    )
    for set in KernelsUnderTest.all {
      let rows = memory.rows.place(spread(base, rows: x.rows, width: baseWidth, stride: stride))
      let keys = memory.keys.place(
        spread(x.vectors, rows: x.keys, width: x.heads * x.dimension, stride: keyStride))
      let target = memory.result.place(
        spread(result, rows: x.rows, width: width, stride: resultStride))
      run(
        set.kernels,
        CacheProduct(
          rows: x.rows, heads: x.heads, keys: x.keys, dimension: x.dimension,
          inputs: UnsafePointer(try #require(rows.baseAddress)), inputStride: stride,
          cache: UnsafePointer(try #require(keys.baseAddress)), cacheStride: keyStride,
          scale: scale, output: try #require(target.baseAddress), outputStride: resultStride))
      let place =
        "\(name), \(set.name), \(x.rows) rows, \(x.heads) heads, \(x.keys) keys, \(x.dimension)"
      let found = (0..<x.rows * width).map { target[$0 / width * resultStride + $0 % width] }
      let mismatch = firstMismatch(found, expected)
      try #require(mismatch == nil, "\(place): \(mismatch ?? "")")
      let gaps = target.indices.filter { $0 % resultStride >= width }
      try #require(
        memory.result.isIntact && gaps.allSatisfy { target[$0] == gap }, "\(place): wrote outside")
    }
  }

  private func forEachSize(_ body: (Operands) throws -> Void) throws {
    var generator = SeededGenerator(seed: 70)
    for (rows, heads) in [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (2, 2), (6, 3)] {
      for keys in Array(1...9) + [100] {
        for dimension in [1, 3, 4, 5, 16, 17, 64, 80, 100] {
          try body(
            Operands(
              rows: rows, heads: heads, keys: keys, dimension: dimension, using: &generator))
        }
      }
    }
  }

  @Test func `scores are within the bound of their sums`() throws {
    try forEachSize { x in
      let expected = (0..<x.rows * x.keys).map { place in
        let (row, key) = (place / x.keys, place % x.keys)
        var (sum, size) = (0.0, 0.0)
        for column in 0..<x.dimension {
          let product =
            Double(x.queries[row * x.dimension + column])
            * x.vector(key, column, of: row)
          sum += product
          size += abs(product)
        }
        let scale = Double(0.3 as Float)
        return Expected(value: scale * sum, bound: gamma(x.dimension + 3) * scale * size)
      }
      // Existing scores are overwritten.
      try check(
        "scores", x, base: x.queries, baseWidth: x.dimension,
        result: .init(repeating: .nan, count: x.rows * x.keys), width: x.keys, scale: 0.3,
        run: { $0.scoreKeys($1) }, expected: expected)
    }
  }

  @Test func `weighted values are added to the output, within the bound of their sums`() throws {
    try forEachSize { x in
      let expected = (0..<x.rows * x.dimension).map { place in
        let (row, column) = (place / x.dimension, place % x.dimension)
        var sum = Double(x.former[place])
        var size = abs(sum)
        for key in 0..<x.keys {
          let product =
            Double(x.weights[row * x.keys + key]) * x.vector(key, column, of: row)
          sum += product
          size += abs(product)
        }
        return Expected(value: sum, bound: gamma(x.keys + 3) * size)
      }
      try check(
        "values", x, base: x.weights, baseWidth: x.keys, result: x.former, width: x.dimension,
        scale: 1, run: { $0.addWeightedValues($1) }, expected: expected)
    }
  }
}
