import Attention
import Foundation
import TestSupport
import Testing

/// The kernels for rows, at lengths around those of vectors and at every alignment, with a protected
/// page after the row.
@Suite struct KernelRowTests {
  /// x ← f(x, y, z), where y and z have the length of x.
  typealias Operation = (
    any Kernels, UnsafeMutableBufferPointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>
  ) -> Void

  static let lengths = [
    0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 257,
  ]

  private let memory = (0..<3).map { _ in FencedMemory(capacity: 1024) }

  /// Compares an operation with the expected result, for every instruction set, length and alignment.
  private func check(
    _ name: String, below limit: Float = 4, _ operation: Operation,
    expected: ([Float], [Float], [Float]) -> [Expected]
  ) throws {
    var generator = SeededGenerator(seed: 61)
    for count in Self.lengths {
      let operands = (0..<3).map { _ in generator.numbers(count, below: limit) }
      let expected = expected(operands[0], operands[1], operands[2])
      for distance in 0..<16 {
        for set in KernelsUnderTest.all {
          let placed = zip(memory, operands).map { $0.place($1, before: distance) }
          operation(
            set.kernels, placed[0], try #require(placed[1].baseAddress),
            try #require(placed[2].baseAddress))
          let mismatch = firstMismatch(placed[0], expected)
          let place = "\(name), \(set.name), \(count) scalars, \(distance) before the fence"
          try #require(mismatch == nil, "\(place): \(mismatch ?? "")")
          try #require(memory.allSatisfy { $0.isIntact }, "\(place): wrote outside")
        }
      }
    }
  }

  @Test func `sums, products, multiples and quotients are rounded once`() throws {
    try check("add") { kernels, x, y, _ in
      kernels.add(x, y)
    } expected: { x, y, _ in
      zip(x, y).map { Expected(value: Double($0 + $1), bound: 0) }
    }
    try check("multiply") { kernels, x, y, _ in
      kernels.multiply(x, by: y)
    } expected: { x, y, _ in
      zip(x, y).map { Expected(value: Double($0 * $1), bound: 0) }
    }
    try check("scale") { kernels, x, _, _ in
      kernels.scale(x, by: 0.7)
    } expected: { x, _, _ in
      x.map { Expected(value: Double($0 * 0.7), bound: 0) }
    }
    try check("divide") { kernels, x, _, _ in
      kernels.divide(x, by: 0.7)
    } expected: { x, _, _ in
      x.map { Expected(value: Double($0 / 0.7), bound: 0) }
    }
  }

  @Test(arguments: [0, 1])
  func `rows are copied and scaled, with one factor or one for each`(factorStride: Int) throws {
    var generator = SeededGenerator(seed: 62)
    let (stride, targetStride, rows) = (261, 300, 3)
    let x = generator.numbers(rows * stride)
    let factors: [Float] = [0.7, -3, 0.125]
    for columns in Self.lengths {
      for set in KernelsUnderTest.all {
        var expected = [Float](repeating: -7, count: rows * targetStride)
        var target = expected
        for row in 0..<rows {
          for column in 0..<columns {
            expected[row * targetStride + column] =
              x[row * stride + column] * factors[row * factorStride]
          }
        }
        try x.withUnsafeBufferPointer { x in
          try factors.withUnsafeBufferPointer { factors in
            try target.withUnsafeMutableBufferPointer { target in
              set.kernels.scaleRows(
                RowScaling(
                  x: try #require(x.baseAddress), stride: stride, rows: rows, columns: columns,
                  factors: try #require(factors.baseAddress), factorStride: factorStride,
                  target: try #require(target.baseAddress), targetStride: targetStride))
            }
          }
        }
        try #require(target == expected, "\(set.name), \(columns) columns")
      }
    }
  }

  @Test func `exponentials have the error of the subtraction plus 2 ulp`() throws {
    try check("exponentials", below: 60) { kernels, x, _, _ in
      let total = kernels.exponentials(x, minus: 3.3)
      // The sum of the stored numbers, in any order.
      let exact = x.reduce(0) { $0 + Double($1) }
      #expect(abs(Double(total) - exact) <= gamma(x.count) * exact)
    } expected: { x, _, _ in
      x.map { x in
        let exact = exp(Double(x) - Double(Float(3.3)))
        return Expected(
          value: exact, bound: exact * (abs(Double(x) - 3.3) + 4.1) * unitRoundoff + 0x1p-149)
      }
    }
  }

  @Test func `softmax has the error of its sum plus the error of its exponents`() throws {
    for limit: Float in [4, 100] {
      try check("softmax", below: limit) { kernels, x, _, _ in
        kernels.softmax(x)
        let sum = x.reduce(0) { $0 + Double($1) }
        #expect(x.isEmpty || abs(sum - 1) <= Double(x.count + 2) * unitRoundoff)
      } expected: { x, _, _ in
        let largest = Double(x.max() ?? 0)
        let exponentials = x.map { exp(Double($0) - largest) }
        let total = exponentials.reduce(0, +)
        let farthest = x.map { largest - Double($0) }.max() ?? 0
        let error = (Double(x.count + 8) + 2 * farthest) * unitRoundoff
        return exponentials.map {
          Expected(value: $0 / total, bound: error * $0 / total + 0x1p-149)
        }
      }
    }
  }

  @Test func `softmax gives masked scores 0, a masked row zeros, and a row with NaN only NaN`() {
    let never = -Float.infinity
    for set in KernelsUnderTest.all {
      for count in Self.lengths where count > 0 {
        func softmax(_ scores: [Float]) -> [Float] {
          let row = memory[0].place(scores)
          set.kernels.softmax(row)
          return Array(row)
        }
        let masked = (0..<count).map { $0 % 3 == 1 ? never : Float($0 % 5) }
        let weights = softmax(masked)
        #expect(zip(masked, weights).allSatisfy { ($0 == never) == ($1 == 0) }, "\(set.name)")
        #expect(softmax(.init(repeating: never, count: count)).allSatisfy { $0 == 0 })
        var invalid = masked
        for bad in [Float.nan, .infinity] {
          invalid[count / 2] = bad
          #expect(softmax(invalid).allSatisfy { $0.isNaN }, "\(set.name), \(bad), \(count)")
        }
      }
    }
  }

  @Test func `layer norm has the error of its sums`() throws {
    let epsilon: Float = 1e-5
    try check("layerNorm") { kernels, x, weight, bias in
      kernels.layerNorm(x, weight: weight, bias: bias, epsilon: epsilon)
    } expected: { x, weight, bias in
      let count = Double(x.count)
      // At least the longest of four partial sums.
      let sum = gamma(x.count / 4 + 8)
      let mean = x.reduce(0) { $0 + Double($1) } / count
      let meanError = sum * x.reduce(0) { $0 + Double(abs($1)) } / count
      let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
      let shifted = variance + Double(epsilon)
      let varianceError =
        2 * meanError * variance.squareRoot() + meanError * meanError + 2 * sum * variance
      // 1 / √v changes by half the relative error of v.
      let error = varianceError / shifted / 2 + 8 * unitRoundoff
      return x.indices.map { index in
        let factor = Double(weight[index]) / shifted.squareRoot()
        let value = (Double(x[index]) - mean) * factor
        let result = value + Double(bias[index])
        return Expected(
          value: result,
          bound: 1.001 * (abs(factor) * meanError + abs(value) * error)
            + 2 * unitRoundoff * (abs(result) + abs(value)))
      }
    }
  }

  @Test func `RMS norm has half the error of the sum of squares`() throws {
    let epsilon: Float = 1e-5
    try check("rmsNorm") { kernels, x, weight, _ in
      kernels.rmsNorm(x, weight: weight, epsilon: epsilon)
    } expected: { x, weight, _ in
      let squares = x.reduce(0) { $0 + Double($1) * Double($1) } / Double(x.count)
      let error = gamma(x.count / 4 + 8) / 2 + 6 * unitRoundoff
      return zip(x, weight).map { x, weight in
        let value = Double(x) * Double(weight) / (squares + Double(epsilon)).squareRoot()
        return Expected(value: value, bound: 1.001 * error * abs(value))
      }
    }
  }
}
