import Foundation
import TestSupport
import Testing

@testable import Attention

/// Layers with narrow weights and inputs that are rounded to the same precision.
@Suite struct LayerInputsTests {
  /// A layer of N(0, 1 / 768) weights and rows of N(0, 1) inputs.
  private static func layer(
    _ format: WeightFormat, rowCount: Int
  ) throws -> (layer: Linear, input: Tensor) {
    var generator = SeededGenerator(seed: 5)
    let (n, k) = (256, 768)
    let weight = try Tensor(
      shape: [n, k], scalars: (0..<n * k).map { _ in generator.normal() / Float(k).squareRoot() })
    let input = try Tensor(
      shape: [rowCount, k], scalars: (0..<rowCount * k).map { _ in generator.normal() })
    return (try Linear(weight: weight, format: format), input)
  }

  private static func distance(_ found: Tensor, _ expected: Tensor) -> Double {
    var (squares, total) = (0.0, 0.0)
    for (x, y) in zip(found.scalars, expected.scalars) {
      squares += (Double(x) - Double(y)) * (Double(x) - Double(y))
      total += Double(y) * Double(y)
    }
    return (squares / total).squareRoot()
  }

  @Test(arguments: Backend.all, [1, 16, 130])
  func `rounding has the documented error`(backend: Backend, rowCount: Int) throws {
    for (format, stated) in [
      (WeightFormat.float32, 0.0), (.float16, 0), (.bfloat16, 0.0017), (.int8, 0.006),
      (.int8Groups, 0.006),
    ] {
      let (layer, input) = try Self.layer(format, rowCount: rowCount)
      let exact = try withCompute(backend: backend, threads: 2) { try layer(input) }
      let rounded = try withCompute(backend: backend, threads: 2, layerInputs: .rounded) {
        try layer(input)
      }
      let distance = Self.distance(rounded, exact)
      #expect(distance <= 1.1 * stated, "\(format)")
      #expect(distance >= 0.8 * stated, "\(format)")
    }
  }

  @Test(arguments: [WeightFormat.bfloat16, .int8, .int8Groups])
  func `all backends round equally`(format: WeightFormat) throws {
    for rowCount in [1, 3, 7, 8, 15, 29, 60] {
      let (layer, input) = try Self.layer(format, rowCount: rowCount)
      let results = try Backend.all.map {
        try withCompute(backend: $0, layerInputs: .rounded) { try layer(input) }
      }
      for result in results {
        #expect(Self.distance(result, results[0]) < 2e-6, "\(format), \(rowCount) rows")
      }
    }
  }

  @Test(arguments: [WeightFormat.bfloat16, .int8], Backend.all)
  func `layers that share inputs each round them to the format of their weights`(
    format: WeightFormat, backend: Backend
  ) throws {
    var generator = SeededGenerator(seed: 6)
    func linear(_ n: Int, _ k: Int, _ format: WeightFormat) throws -> Linear {
      try Linear(
        weight: Tensor(shape: [n, k], scalars: generator.numbers(n * k, below: 0.2)),
        format: format)
    }
    // With float32 weights, the inputs of the gate must not be rounded.
    for gateFormat in [format, .float32, .int8Groups] {
      let (upProjection, gateProjection) = (
        try linear(96, 64, format), try linear(96, 64, gateFormat)
      )
      let downProjection = try linear(64, 96, .float32)
      let layer = try FeedForward(
        upProjection: upProjection, gateProjection: gateProjection, activation: .silu,
        downProjection: downProjection)
      let input = try Tensor(shape: [5, 64], scalars: generator.numbers(5 * 64))
      try withCompute(backend: backend, threads: 2, layerInputs: .rounded) {
        let (x, y) = (try upProjection(input), try gateProjection(input))
        let gated = try Tensor(
          shape: x.shape, scalars: zip(x.scalars, y.scalars).map { $0 / (1 + exp(-$1)) * $1 })
        #expect(try Self.distance(layer(input), downProjection(gated)) < 2e-6, "\(gateFormat)")
      }
    }
  }

  @Test(arguments: Backend.all)
  func `an infinity or NaN stays in its row`(backend: Backend) throws {
    for format in WeightFormat.allCases {
      for bad in [Float.infinity, -.infinity, .nan] {
        let (layer, input) = try Self.layer(format, rowCount: 3)
        var scalars = input.scalars
        scalars[768 + 700] = bad
        let broken = try Tensor(shape: input.shape, scalars: scalars)
        try withCompute(backend: backend, layerInputs: .rounded) {
          let (result, expected) = (try layer(broken), try layer(input))
          for row in [0, 2] {
            #expect(try result.rows(row..<row + 1) == expected.rows(row..<row + 1))
          }
          let row = try result.rows(1..<2).scalars
          #expect(row.allSatisfy { !$0.isFinite }, "\(format), \(bad)")
        }
      }
    }
  }

  @Test func `zeros and subnormal numbers are rounded without overflow`() throws {
    for format in WeightFormat.allCases {
      let (layer, _) = try Self.layer(format, rowCount: 1)
      for x in [
        Float(0), -0.0, .leastNonzeroMagnitude, Float(bitPattern: 700_000), .leastNormalMagnitude,
      ] {
        let input = try Tensor(shape: [2, 768], scalars: Array(repeating: x, count: 2 * 768))
        for backend in Backend.all {
          let result = try withCompute(backend: backend, layerInputs: .rounded) {
            try layer(input)
          }
          #expect(result.scalars.allSatisfy { $0.magnitude <= 768 * 0.2 * x.magnitude })
        }
      }
    }
  }

  @Test(arguments: Backend.all)
  func `integers from −127 to 127 are rounded to themselves`(backend: Backend) throws {
    var generator = SeededGenerator(seed: 8)
    // With a maximum of 127, the scale of each row and of each weight is 1.
    func integers(_ rows: Int) throws -> Tensor {
      try Tensor(
        shape: [rows, 96],
        scalars: (0..<rows * 96).map {
          $0 % 32 == 5 ? 127 : Float(Int.random(in: -127...127, using: &generator))
        })
    }
    let (weight, input) = (try integers(40), try integers(9))
    for format in [WeightFormat.int8, .int8Groups] {
      let layer = try Linear(weight: weight, format: format)
      let output = try withCompute(backend: backend, layerInputs: .rounded) { try layer(input) }
      let exact = try matrixProduct(input.matrix(), weight.matrix().transposed, on: .reference)
      #expect(output == exact, "\(format)")
    }
  }
}
