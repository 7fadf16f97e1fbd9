import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Models whose weights are in each format, compared with the same weights in float32.
@Suite struct DecoderFormatTests {
  /// Twice the combined error of the products on a token's path. The relative error of each product is ε, the
  /// rounding of its weights. Independent errors of n products add up to ε √n: seven products in a block, the
  /// embedding table and the output layer. In a mixture of experts, the factor of an expert is computed from
  /// rounded inputs, and multiplies its output: two more.
  private func bound(
    _ format: WeightFormat, layerCount: Int, isMixture: Bool
  ) -> Double {
    let products = isMixture ? 9 : 7
    return 2 * relativeRounding(of: format) * Double(products * layerCount + 2).squareRoot()
  }

  @Test(arguments: DecoderFixture.names, WeightFormat.allCases)
  func `logits differ by no more than the rounding of the format`(
    name: String, format: WeightFormat
  ) throws {
    let exact = try DecoderFixture(name, format: .float32)
    let narrow = try DecoderFixture(name, format: format)
    let layerCount = try narrow.model.begin(PackedTokens([[1]])).state.caches.count
    let distance = relativeDistance(try narrow.fullPass(), try exact.fullPass())
    let isMixture = ["mixtral", "qwen2moe", "qwen3moe"].contains(name)
    #expect(
      distance <= bound(format, layerCount: layerCount, isMixture: isMixture) + 1e-6,
      "\(name), \(format): \(distance)")
    if format == .int8 { #expect(distance > 1e-3, "\(name) was not rounded") }
  }

  @Test(arguments: [
    ("gpt2", WeightFormat.float32), ("gpt2head", .float16), ("llama", .float16),
    ("llama3", .bfloat16), ("mistral", .bfloat16), ("qwen2", .bfloat16), ("qwen3", .bfloat16),
    ("gemma2", .bfloat16),
  ])
  func `the default format is the file's`(name: String, format: WeightFormat) throws {
    let logits = try DecoderFixture(name).fullPass()
    #expect(try DecoderFixture(name, format: format).fullPass() == logits)
  }

  @Test(arguments: DecoderFixture.families, [Backend.openBLAS, .portable, .reference])
  func `narrow weights compute the same on every backend, in one pass and token by token`(
    name: String, backend: Backend
  ) throws {
    for format in [WeightFormat.bfloat16, .float16, .int8, .int8Groups] {
      let fixture = try DecoderFixture(name, format: format)
      let expected = try withCompute(backend: .reference) { try fixture.fullPass() }
      let exact = expected.scalars.map(Double.init)
      try withCompute(backend: backend) {
        #expect(
          largestDistance(try fixture.fullPass().scalars, exact) <= fixture.bound,
          "\(name), \(format), \(backend)")
        var (state, _) = try fixture.model.begin(PackedTokens([fixture.sequences[0]]))
        var steps: [Float] = []
        for id in fixture.sequences[0] {
          steps += try fixture.model.logits(of: PackedTokens([[id]]), state: &state, rows: .last)
            .scalars
        }
        #expect(
          largestDistance(steps, exact.prefix(steps.count)) <= fixture.bound,
          "\(name), \(format), \(backend), token by token")
      }
    }
  }
}
