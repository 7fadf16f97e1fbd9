import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Embedding models with the blocks of decoders, compared with PyTorch in double precision:
/// `Scripts/fixtures/decoder_encoders.py`.
@Suite struct DecoderEncoderTests {
  static let names = ["gemma3", "qwen3"]

  private func directory(_ name: String) throws -> ModelDirectory {
    try ModelDirectory(path: Fixtures.path("DecoderEncoders/\(name)"))
  }

  @Test(arguments: names, Backend.all)
  func `hidden states are PyTorch's, in a batch and alone`(name: String, backend: Backend) throws {
    let model = try EncoderModels.load(directory(name))
    let sequences = try DecoderFixture.sequences()
    let hidden = try Fixtures.tensor("DecoderEncoders/\(name)/hidden.npy")
    let bound =
      try 2 * #require(Fixtures.doubles("DecoderEncoders/\(name)/error.npy").first) + 1e-6
    try withCompute(backend: backend, threads: 2) {
      let batch = try model(PackedTokens(sequences), returningWeights: true)
      #expect(batch.hiddenStates.shape == hidden.shape)
      #expect(
        largestDistance(batch.hiddenStates.scalars, hidden.scalars.map(Double.init)) <= bound)
      let alone = try sequences.flatMap { try model(PackedTokens([$0])).hiddenStates.scalars }
      #expect(largestDistance(alone, hidden.scalars.map(Double.init)) <= bound)
      // Tokens of EmbeddingGemma attend to later tokens within the window: 8 tokens are 4 on each side.
      let weights = try #require(batch.attentionWeights.first)
      let row = (0..<40).filter { weights.scalars[17 * 40 + $0] != 0 }
      #expect(row == (name == "gemma3" ? Array(13...21) : Array(7...17)))
    }
  }

  @Test
  func `a checkpoint with an output layer loads as an encoder, and a bidirectional one only so`()
    throws
  {
    let folder = try DecoderFixture.folder("qwen3")
    let encoder = try EncoderModels.load(ModelDirectory(path: folder.path))
    let hidden = try encoder(PackedTokens([[1, 2, 3]])).hiddenStates
    let model = try #require(
      try LanguageModels.load(ModelDirectory(path: folder.path)) as? Llama)
    var (state, tokens) = try model.begin(PackedTokens([[1, 2, 3]]))
    let logits = try model.logits(of: tokens, state: &state, rows: .all)
    #expect(try model.decoder.output(hidden) == logits)
    let text = failureText { _ = try LanguageModels.load(directory("gemma3")) }
    #expect(text.contains("unsupported use_bidirectional_attention: true"), "\(text)")
  }
}
