import Attention
import TestSupport
import Testing

/// Layers with weights in every format.
@Suite struct WeightFormatTests {
  /// The maximum rounding error of each weight of a row.
  private func distances(_ format: WeightFormat, of row: [Float]) -> [Double] {
    func steps(_ weights: some Collection<Float>) -> [Double] {
      let largest = weights.reduce(0) { max($0, abs($1)) }
      let scale = max(Double(largest) / 127, 0x1p-126) * (1 + 0x1p-23)
      return weights.map { _ in scale * (0.5 + 127 * 0x1p-24) }
    }
    switch format {
    case .float32: return row.map { _ in 0 }
    case .bfloat16: return row.map { max(0x1p-8 * Double(abs($0)), 0x1p-134) }
    case .float16: return row.map { max(0x1p-11 * Double(abs($0)), 0x1p-25) }
    case .int8: return steps(row)
    case .int8Groups:
      return stride(from: 0, to: row.count, by: 64).flatMap {
        steps(row[$0..<min($0 + 64, row.count)])
      }
    }
  }

  @Test(arguments: WeightFormat.allCases, [(1, 1), (70, 33), (64, 32), (200, 70), (5, 0), (0, 5)])
  func `the rounding error of each weight is within the documented bound`(
    format: WeightFormat, size: (input: Int, output: Int)
  ) throws {
    var generator = SeededGenerator(seed: 96)
    let weight = try generator.normalTensor([size.output, size.input])
    for (backend, threads) in [(Backend.openBLAS, 1), (.openBLAS, 3), (.portable, 2)] {
      let kept = try withCompute(backend: backend, threads: threads) {
        try Linear(weight: weight, format: format).weight
      }
      #expect(kept.shape == weight.shape)
      for row in 0..<size.output {
        let range = row * size.input..<(row + 1) * size.input
        let former = Array(weight.scalars[range])
        let bounds = distances(format, of: former)
        for (index, (now, before)) in zip(kept.scalars[range], former).enumerated() {
          #expect(abs(Double(now) - Double(before)) <= bounds[index] + 0x1p-23 * abs(Double(now)))
        }
      }
    }
  }

  @Test(arguments: WeightFormat.allCases, [1, 3, 18, 60])
  func `products use the stored weights, and their error is within the documented bound`(
    format: WeightFormat, rowCount: Int
  ) throws {
    let (input, output) = (300, 70)
    var generator = SeededGenerator(seed: 97)
    let weight = try generator.normalTensor([output, input])
    let x = try generator.normalTensor([rowCount, input])
    let bias = try generator.normalTensor([output])
    let layer = try Linear(weight: weight, bias: bias, format: format)
    let (w, kept, xs) = (weight.scalars, try layer.weight.scalars, x.scalars)
    for backend in Backend.all {
      for threads in [1, 2] {
        let y = try withCompute(backend: backend, threads: threads) { try layer(x) }.scalars
        var (squares, differences) = (0.0, 0.0)
        for column in 0..<output {
          let far = distances(
            format, of: Array(w[column * input..<(column + 1) * input]))
          for row in 0..<rowCount {
            var (exact, former, size, distance) = (0.0, 0.0, abs(Double(bias.scalars[column])), 0.0)
            for i in 0..<input {
              let (factor, k) = (Double(xs[row * input + i]), Double(kept[column * input + i]))
              exact += factor * k
              former += factor * Double(w[column * input + i])
              size += abs(factor * k)
              distance += abs(factor) * far[i]
            }
            let result = Double(y[row * output + column]) - Double(bias.scalars[column])
            // Reading the stored weight back rounds it once more.
            let bound = gamma(input + 5) * size
            #expect(abs(result - exact) <= bound)
            #expect(abs(result - former) <= distance + bound)
            squares += former * former
            differences += (result - former) * (result - former)
          }
        }
        // The documented error for weights from N(0, 1).
        #expect((differences / squares).squareRoot() <= relativeError(format))
      }
    }
  }

  /// An upper bound for the relative error of a product of numbers from N(0, 1). Rounding errors
  /// are uniform over a step, so their mean square is step² / 12.
  private func relativeError(_ format: WeightFormat) -> Double {
    switch format {
    case .float32: 1e-6
    // A step of 2⁻⁷ · 2^⌊log₂|w|⌋ ≤ 2⁻⁷ |w|.
    case .bfloat16: 0x1p-7 / 12.0.squareRoot() * 1.1
    case .float16: 0x1p-10 / 12.0.squareRoot() * 1.1
    // A step of max|w| / 127. The largest of 64 or 300 weights is almost never above 4.5.
    case .int8, .int8Groups: 4.5 / 127 / 12.0.squareRoot() * 1.1
    }
  }

  @Test func `a layer in a narrow format has the documented size`() throws {
    var generator = SeededGenerator(seed: 98)
    let weight = try generator.normalTensor([64, 128])
    let sizes = try WeightFormat.allCases.map { try Linear(weight: weight, format: $0).byteCount }
    let count = 64 * 128
    #expect(
      sizes == [4 * count, 2 * count, 2 * count, count + 4 * 64, count + 4 * 64 * 2])
    #expect(try Linear(weight: weight).format == .float32)
    #expect(
      WeightFormat.allCases.map(\.name) == [
        "float32", "bfloat16", "float16", "int8", "int8-groups",
      ])
  }

  @Test func `numbers that a format cannot store are named in the error`() throws {
    func failure(_ number: Float, _ format: WeightFormat) -> String {
      failureText {
        try Linear(
          weight: Tensor(shape: [40, 2], scalars: (0..<79).map { Float($0) } + [number]),
          format: format)
      }
    }
    #expect(failure(-70_000, .float16) == "weight: -70000.0 is beyond the range of float16")
    #expect(failure(3.4e38, .bfloat16) == "weight: 3.4e+38 is beyond the range of bfloat16")
    for format in [WeightFormat.int8, .int8Groups] {
      #expect(failure(.nan, format) == "weight: nan cannot be stored as \(format)")
      #expect(failure(-.infinity, format) == "weight: -inf cannot be stored as \(format)")
    }
  }

  @Test(arguments: [WeightFormat.float32, .bfloat16, .float16])
  func `infinities and NaN do not change`(format: WeightFormat) throws {
    let layer = try Linear(
      weight: Tensor(shape: [3, 1], scalars: [.infinity, -.infinity, .nan]), format: format)
    let y = try layer(Tensor(shape: [1, 1], scalars: [2])).scalars
    #expect(y[0] == .infinity && y[1] == -.infinity && y[2].isNaN)
  }
}
