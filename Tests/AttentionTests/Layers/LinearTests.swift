import Attention
import TestSupport
import Testing

@Suite struct LinearTests {
  private static let sizes = [
    (1, 1, 1), (1, 5, 3), (7, 33, 17), (64, 100, 65), (3, 1024, 48), (130, 16, 257),
  ]

  @Test(arguments: sizes, Backend.all)
  func `every element is within the bound of a product of its length`(
    size: (rows: Int, input: Int, output: Int), backend: Backend
  ) throws {
    var generator = SeededGenerator(seed: 3)
    for hasBias in [true, false] {
      let layer = try generator.linear(from: size.input, to: size.output, hasBias: hasBias)
      let x = try generator.normalTensor([size.rows, size.input])
      let exact = NaiveLayers<Double>.linear(layer, NaiveLayers.rows(x))
      // The same sums of magnitudes: γ(k + 3) · (|x| |W|ᵀ + |b|).
      let magnitudes = try NaiveLayers<Double>.linear(
        Linear(weight: magnitude(try layer.weight), bias: layer.bias.map(magnitude)),
        NaiveLayers.rows(magnitude(x)))
      let roundings = Double(size.input + 3) * Double(Float.ulpOfOne) / 2
      for threads in [1, 2] {
        let y = try withCompute(backend: backend, threads: threads) { try layer(x) }
        #expect(y.shape == [size.rows, size.output])
        for row in 0..<size.rows {
          for column in 0..<size.output {
            let error = abs(Double(y[row, column]) - exact[row][column])
            #expect(error <= roundings / (1 - roundings) * magnitudes[row][column])
          }
        }
      }
    }
  }

  private func magnitude(_ tensor: Tensor) throws -> Tensor {
    try Tensor(shape: tensor.shape, scalars: tensor.scalars.map(abs))
  }

  @Test(arguments: Backend.all) func `no input features give the bias`(backend: Backend) throws {
    let layer = try Linear(
      weight: Tensor(shape: [2, 0], scalars: []), bias: Tensor(shape: [2], scalars: [3, 4]))
    let y = try withCompute(backend: backend) { try layer(Tensor(shape: [3, 0], scalars: [])) }
    #expect(y.scalars == [3, 4, 3, 4, 3, 4])
  }

  @Test(arguments: Backend.all) func `no tokens give no rows`(backend: Backend) throws {
    var generator = SeededGenerator(seed: 4)
    let layer = try generator.linear(from: 5, to: 4)
    let empty = try Tensor(shape: [0, 5], scalars: [])
    #expect(try withCompute(backend: backend) { try layer(empty) }.shape == [0, 4])
  }

  @Test func `the input does not change`() throws {
    var generator = SeededGenerator(seed: 5)
    let x = try generator.normalTensor([3, 4])
    let before = x.scalars
    _ = try generator.linear(from: 4, to: 4)(x)
    #expect(x.scalars == before)
  }
}
