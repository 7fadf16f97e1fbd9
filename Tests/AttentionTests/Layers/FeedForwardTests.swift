import Attention
import TestSupport
import Testing

@Suite struct FeedForwardTests {
  @Test(arguments: [Activation.gelu, .geluTanh, .relu, .silu, .tanh], Backend.all)
  func `results are as accurate as naive single precision, with and without a gate`(
    activation: Activation, backend: Backend
  ) throws {
    var generator = SeededGenerator(seed: 10)
    for isGated in [false, true] {
      let layer = try FeedForward(
        upProjection: generator.linear(from: 20, to: 67),
        gateProjection: isGated ? generator.linear(from: 20, to: 67) : nil, activation: activation,
        downProjection: generator.linear(from: 67, to: 20))
      let x = try generator.normalTensor([33, 20])
      let y = try withCompute(backend: backend, threads: 2) { try layer(x) }
      #expect(y.shape == [33, 20])
      #expect(
        isAsExactAsNaive(
          y, exact: NaiveLayers.feedForward(layer, NaiveLayers.rows(x)),
          naive: NaiveLayers.feedForward(layer, NaiveLayers.rows(x))))
    }
  }
}
