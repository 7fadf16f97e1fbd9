import Attention
import TestSupport
import Testing

@Suite struct RMSNormTests {
  @Test(arguments: [1, 2, 7, 8, 9, 15, 16, 17, 24, 384, 1025], Backend.all)
  func `every size is normalized according to the formula`(featureCount: Int, backend: Backend)
    throws
  {
    var generator = SeededGenerator(seed: 6)
    let layer = try generator.rmsNorm(featureCount: featureCount)
    let x = try generator.normalTensor([5, featureCount])
    let exact = NaiveLayers<Double>.rmsNorm(layer, NaiveLayers.rows(x))
    let y = try withCompute(backend: backend) { try layer(x) }
    #expect(y.shape == x.shape)
    // Half the relative error of the sum of squares (at least four partial sums), plus that of the
    // other steps.
    let bound = 1.01 * (Double(featureCount / 4 + 8) / 2 + 6) * Double(Float.ulpOfOne) / 2
    for (row, values) in exact.enumerated() {
      for (column, value) in values.enumerated() {
        #expect(abs(Double(y[row, column]) - value) <= bound * abs(value))
      }
    }
  }

  @Test(arguments: Backend.all) func `a row of zeros stays zero`(backend: Backend) throws {
    var generator = SeededGenerator(seed: 7)
    let layer = try generator.rmsNorm(featureCount: 12)
    let y = try withCompute(backend: backend) {
      try layer(Tensor(shape: [2, 12], repeating: 0))
    }
    #expect(y.scalars.allSatisfy { $0 == 0 })
  }
}
