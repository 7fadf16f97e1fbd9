import Attention
import TestSupport
import Testing

@Suite struct LayerNormTests {
  private static let widths = [1, 2, 7, 8, 9, 15, 16, 17, 24, 384, 1025]

  @Test(arguments: widths, Backend.all)
  func `every size is normalized according to the formula`(featureCount: Int, backend: Backend)
    throws
  {
    var generator = SeededGenerator(seed: 6)
    let layer = try generator.layerNorm(featureCount: featureCount)
    for shift: Float in [0, 100] {
      let x = try Tensor(
        shape: [5, featureCount],
        scalars: generator.normalTensor([5, featureCount]).scalars.map { $0 + shift })
      let rows = NaiveLayers<Double>.rows(x)
      let exact = NaiveLayers<Double>.layerNorm(layer, rows)
      let y = try withCompute(backend: backend) { try layer(x) }
      #expect(y.shape == x.shape)
      for (row, values) in rows.enumerated() {
        let mean = values.reduce(0, +) / Double(featureCount)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(featureCount)
        let deviation = (variance + Double(layer.epsilon)).squareRoot()
        // The mean has the rounding error of its largest summand, times √n for the n roundings of
        // the sum of n features.
        let largest = values.reduce(0) { max($0, abs($1)) }
        for column in 0..<featureCount {
          let weight = abs(Double(layer.weight[column]))
          let bound =
            u * (8 + Double(featureCount).squareRoot()) * (largest / deviation * weight)
            + 4 * u * (abs(exact[row][column]) + abs(Double(layer.bias[column])))
          #expect(abs(Double(y[row, column]) - exact[row][column]) <= bound)
        }
      }
    }
  }

  @Test(arguments: Backend.all) func `a constant row becomes the bias`(backend: Backend) throws {
    var generator = SeededGenerator(seed: 7)
    let layer = try generator.layerNorm(featureCount: 12)
    let x = try Tensor(shape: [2, 12], repeating: 0.375)
    let y = try withCompute(backend: backend) { try layer(x) }
    #expect(y.scalars == layer.bias.scalars + layer.bias.scalars)
  }

  @Test(arguments: Backend.all)
  func `NaN and infinities stay in their row`(backend: Backend) throws {
    var generator = SeededGenerator(seed: 8)
    let layer = try generator.layerNorm(featureCount: 11)
    for poison in [Float.nan, .infinity, -.infinity] {
      var x = try generator.normalTensor([3, 11])
      let clean = try withCompute(backend: backend) { try layer(x) }
      try x.withMutableSpan { $0[11 + 10] = poison }
      let y = try withCompute(backend: backend) { try layer(x) }
      #expect(try y.rows(0..<1) == clean.rows(0..<1))
      #expect(try y.rows(2..<3) == clean.rows(2..<3))
      #expect(try y.rows(1..<2).scalars.contains { $0.isNaN })
    }
  }

  @Test func `the input does not change`() throws {
    var generator = SeededGenerator(seed: 9)
    let x = try generator.normalTensor([3, 8])
    let before = x.scalars
    _ = try generator.layerNorm(featureCount: 8)(x)
    #expect(x.scalars == before)
  }

  private let u = Double(Float.ulpOfOne) / 2
}
