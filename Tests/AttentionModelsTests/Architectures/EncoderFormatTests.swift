import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Encoders whose weights are in each format, compared with the same weights in float32.
@Suite struct EncoderFormatTests {
  /// Twice the combined error of the products on a token's path. The relative error of each product is ε, the
  /// rounding of its weights. Independent errors of n products add up to ε √n: six products in a block, and
  /// the word embeddings.
  private func bound(_ format: WeightFormat, layerCount: Int) -> Double {
    2 * relativeRounding(of: format) * Double(6 * layerCount + 1).squareRoot()
  }

  @Test(arguments: BERTFixture.names, WeightFormat.allCases)
  func `hidden states differ by no more than the rounding of the format`(
    name: String, format: WeightFormat
  ) throws {
    let exact = try BERTFixture(name, format: .float32)
    let narrow = try BERTFixture(name, format: format)
    let distance = try relativeDistance(
      narrow.model(narrow.tokens).hiddenStates, exact.model(exact.tokens).hiddenStates)
    #expect(
      distance <= bound(format, layerCount: exact.model.layerCount) + 1e-6,
      "\(name), \(format): \(distance)")
    if format == .int8 { #expect(distance > 1e-3, "\(name) was not rounded") }
  }

  @Test(arguments: [
    ("plain", WeightFormat.float32), ("f16", .float16), ("bf16", .bfloat16),
  ])
  func `the default format is the file's`(name: String, format: WeightFormat) throws {
    let fixture = try BERTFixture(name)
    let expected = try BERTFixture(name, format: format)
    #expect(
      try fixture.model(fixture.tokens).hiddenStates
        == expected.model(expected.tokens).hiddenStates)
  }

  @Test(arguments: [Backend.openBLAS, .portable])
  func `narrow weights compute the same on every backend`(backend: Backend) throws {
    for format in [WeightFormat.bfloat16, .float16, .int8, .int8Groups] {
      let fixture = try BERTFixture("plain", format: format)
      let expected = try withCompute(backend: .reference) {
        try fixture.model(fixture.tokens, returningWeights: true)
      }
      let found = try withCompute(backend: backend) {
        try fixture.model(fixture.tokens, returningWeights: true)
      }
      #expect(
        largestDistance(
          found.hiddenStates.scalars, expected.hiddenStates.scalars.map(Double.init))
          <= fixture.hiddenBound, "\(format), \(backend)")
      for (found, expected) in zip(found.attentionWeights, expected.attentionWeights) {
        #expect(
          largestDistance(found.scalars, expected.scalars.map(Double.init))
            <= fixture.weightsBound, "\(format), \(backend)")
      }
    }
  }

  @Test func `the registry, the embedder and the explainer take a format`() throws {
    let folder = try SentenceFixture.folder("mean")
    let directory = try ModelDirectory(path: folder.path)
    let fixture = try BERTFixture("plain", format: .int8)
    let expected = try fixture.model(fixture.tokens).hiddenStates
    let loaded = try EncoderModels.load(directory, format: .int8)
    #expect(try loaded(fixture.tokens).hiddenStates == expected)
    let embedder = try SentenceEmbedder(directory, format: .int8)
    #expect(try embedder.encoder(fixture.tokens).hiddenStates == expected)
    let explainer = try AttentionExplainer(directory, format: .int8)
    guard case .encoder(let encoder) = explainer.model else {
      Issue.record("\(explainer)")
      return
    }
    #expect(try encoder(fixture.tokens).hiddenStates == expected)
  }
}
