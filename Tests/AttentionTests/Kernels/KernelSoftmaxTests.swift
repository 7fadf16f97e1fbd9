import Foundation
import TestSupport
import Testing

@testable import Attention

/// The online softmax, which reads scores tile by tile.
@Suite struct KernelSoftmaxTests {
  /// The state of some rows after all tiles.
  private struct Outcome {
    var largest: [Float]
    var total: [Float]
    /// Σ e^(score − m) · value, where m is the maximum, `[rows, dimension]`.
    var output: [[Float]]
    var isIntact = true
  }

  private let tile = FencedMemory(capacity: 33 * 140)
  private let state = (0..<3).map { _ in FencedMemory(capacity: 33 * 66) }

  /// Processes rows of scores in tiles of these widths, and adds the weighted values after each tile.
  private func attend(
    _ kernels: any Kernels, _ scores: [[Float]], _ values: [[Float]], widths: [Int],
    sink: Float? = nil
  ) throws -> Outcome {
    let (rows, dimension) = (scores.count, values[0].count)
    let largest = state[0].place([Float](repeating: sink ?? -.infinity, count: rows))
    let total = state[1].place([Float](repeating: sink == nil ? 0 : 1, count: rows))
    let zeros = KernelPackingTests.rows(
      rows, of: dimension, stride: dimension + 2, gap: FencedMemory<Float>.filler
    ) { _, _ in 0 }
    let output = state[2].place(zeros)
    var (first, isIntact) = (0, true)
    for width in widths {
      let stride = width + 3
      let weights = tile.place(
        KernelPackingTests.rows(
          rows, of: width, stride: stride, gap: FencedMemory<Float>.filler
        ) { scores[$0][first + $1] })
      kernels.applySoftmax(
        SoftmaxTile(
          rows: rows, columns: width, scores: try #require(weights.baseAddress),
          scoreStride: stride, maximum: try #require(largest.baseAddress),
          sum: try #require(total.baseAddress), output: try #require(output.baseAddress),
          outputColumns: dimension, outputStride: dimension + 2))
      for row in 0..<rows {
        for column in 0..<width {
          let weight = weights[row * stride + column]
          // As in the operator, the values of masked keys are ignored, even if they are NaN.
          guard weight != 0 else { continue }
          for place in 0..<dimension {
            output[row * (dimension + 2) + place] += weight * values[first + column][place]
          }
        }
      }
      isIntact =
        isIntact && tile.isIntact && state.allSatisfy { $0.isIntact }
        && hasGaps(weights, width: width, stride: stride)
        && hasGaps(output, width: dimension, stride: dimension + 2)
      first += width
    }
    let results = (0..<rows).map { row in
      Array(output[row * (dimension + 2)..<row * (dimension + 2) + dimension])
    }
    return Outcome(
      largest: Array(largest), total: Array(total), output: results, isIntact: isIntact)
  }

  private func hasGaps(
    _ scalars: UnsafeMutableBufferPointer<Float>, width: Int, stride: Int
  ) -> Bool {
    scalars.indices.allSatisfy { $0 % stride < width || scalars[$0] == FencedMemory<Float>.filler }
  }

  /// The expected state of a row after a number of tiles.
  private func expected(
    _ scores: [Float], _ values: [[Float]], tiles: Int, sink: Float?
  ) -> (largest: Float, total: Expected, output: [Expected]) {
    let all = scores + (sink.map { [$0] } ?? [])
    let largest = all.max() ?? -.infinity
    let finite = all.filter { $0 > -.infinity }
    let range = Double(largest) - Double(finite.min() ?? largest)
    let weights = scores.map { largest == -.infinity ? 0 : exp(Double($0) - Double(largest)) }
    let sinkWeight = sink.map { exp(Double($0) - Double(largest)) } ?? 0
    // Each tile may add a factor e^(m − m′). The exponents add up to the range of the scores.
    let error =
      (Double(scores.count + 8 + 8 * tiles) + 2 * (range.isNaN ? 0 : range)) * unitRoundoff
    let total = weights.reduce(sinkWeight, +)
    let output = values[0].indices.map { place in
      var (sum, size) = (0.0, 0.0)
      for (weight, value) in zip(weights, values) where weight != 0 {
        sum += weight * Double(value[place])
        size += weight * abs(Double(value[place]))
      }
      // Denormal weights and products lose up to one unit of the smallest number each.
      let lost = Double(2 * scores.count + tiles) * Double(Float.leastNonzeroMagnitude)
      return Expected(value: sum, bound: error * size + lost)
    }
    return (largest, Expected(value: total, bound: error * total), output)
  }

  @Test func `the softmax of tiles equals the softmax of the whole row`() throws {
    var generator = SeededGenerator(seed: 68)
    for rows in [1, 2, 15, 16, 17, 33] {
      for widths in [
        [1], [5], [16], [64], [1, 1, 1], [7, 33, 16, 1], [65, 128, 3], [31, 32, 4],
      ] {
        for dimension in [1, 17, 64] {
          let count = widths.reduce(0, +)
          let values = (0..<count).map { _ in generator.numbers(dimension) }
          // Every third score is masked; in some rows, whole tiles are.
          let scores = (0..<rows).map { row in
            generator.numbers(count, below: row % 2 == 0 ? 4 : 40).map { score in
              let share = [0, 0.3, 0.9, 1][row % 4]
              return Double.random(in: 0..<1, using: &generator) < share ? -.infinity : score
            }
          }
          for sink: Float? in [nil, 1.5, 100] {
            let expected = scores.map {
              self.expected($0, values, tiles: widths.count, sink: sink)
            }
            for set in KernelsUnderTest.all {
              let found = try attend(set.kernels, scores, values, widths: widths, sink: sink)
              let place = "\(set.name), \(rows) rows, \(widths), \(dimension), sink \(sink ?? .nan)"
              for (row, expected) in expected.enumerated() {
                try #require(found.largest[row] == expected.largest, "\(place), row \(row)")
                try #require(
                  expected.total.allows(found.total[row]),
                  "\(place), row \(row): total \(found.total[row]), not \(expected.total)")
                let mismatch = firstMismatch(found.output[row], expected.output)
                try #require(mismatch == nil, "\(place), row \(row): \(mismatch ?? "")")
              }
              try #require(found.isIntact, "\(place): wrote outside")
            }
          }
        }
      }
    }
  }

  @Test func `a row stays empty until its first visible score`() throws {
    let values: [[Float]] = [[1, 2], [3, 4], [5, 6]]
    let never = -Float.infinity
    for set in KernelsUnderTest.all {
      let found = try attend(
        set.kernels, [[never, never, never], [never, never, 2], [2, never, never]], values,
        widths: [1, 1, 1])
      #expect(found.largest == [never, 2, 2], "\(set.name)")
      #expect(found.total == [0, 1, 1], "\(set.name)")
      #expect(found.output == [[0, 0], [5, 6], [1, 2]], "\(set.name)")
    }
  }

  @Test func `a NaN or infinite score affects only its row`() throws {
    var generator = SeededGenerator(seed: 69)
    let values = (0..<40).map { _ in generator.numbers(6) }
    let scores = (0..<19).map { _ in generator.numbers(40, below: 5) }
    for set in KernelsUnderTest.all {
      for widths in [[40], [17, 23], [1, 38, 1]] {
        let clean = try attend(set.kernels, scores, values, widths: widths)
        for bad in [Float.nan, .infinity] {
          for place in [0, 16, 20, 39] {
            var invalid = scores
            invalid[17][place] = bad
            let found = try attend(set.kernels, invalid, values, widths: widths)
            let name = "\(set.name), \(widths), \(bad) at \(place)"
            #expect(found.total[17].isNaN, "\(name)")
            #expect(found.output[17].allSatisfy { $0.isNaN }, "\(name)")
            for row in scores.indices where row != 17 {
              #expect(found.total[row] == clean.total[row], "\(name)")
              #expect(found.output[row] == clean.output[row], "\(name)")
            }
          }
        }
      }
    }
  }
}
