import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// BERT's relatives compared with PyTorch in double precision.
@Suite struct EncoderFamilyTests {
  /// The folders of `Fixtures/Encoders`: `Scripts/fixtures/encoders.py`.
  static let names = withTables + withoutTables
  /// Families whose table of positions limits the length.
  static let withTables = [
    "roberta", "roberta-masked-lm", "xlm-roberta", "camembert", "distilbert",
    "distilbert-masked-lm", "mpnet", "mpnet-masked-lm", "electra", "electra-equal-sizes", "albert",
    "albert-groups", "deberta-v2-options",
  ]
  static let withoutTables = [
    "deberta-v3", "deberta-v2-convolution", "modernbert", "modernbert-biases", "nomic-bert",
    "nomic-bert-published", "gte", "gte-published", "jina-bert",
  ]

  private func directory(_ name: String) throws -> ModelDirectory {
    try ModelDirectory(path: Fixtures.path("Encoders/\(name)"))
  }

  @Test(arguments: names, [Backend.openBLAS, .native, .portable, .reference])
  func `every checkpoint gives PyTorch's results for a packed batch`(
    name: String, backend: Backend
  ) throws {
    let model = try EncoderModels.load(directory(name))
    let tokens = try BERTFixture.tokens()
    let hidden = try Fixtures.tensor("Encoders/\(name)/hidden.npy")
    let weights = try Fixtures.tensor("Encoders/\(name)/weights.npy").scalars
    // Twice PyTorch's error in single precision, plus 1e-6.
    let bounds = try Fixtures.doubles("Encoders/\(name)/errors.npy").map { 2 * $0 + 1e-6 }

    let output = try withCompute(backend: backend, threads: 2) {
      try model(tokens, returningWeights: true)
    }
    #expect(output.hiddenStates.shape == [tokens.ids.count, 12])
    #expect(
      largestDistance(output.hiddenStates.scalars, hidden.scalars.map(Double.init)) <= bounds[0])
    var found: [Float] = []
    for layer in output.attentionWeights {
      var start = 0
      for length in tokens.lengths.dropLast() {
        found += try layer.block(rows: start..<start + length, columns: start..<start + length)
          .scalars
        start += length
      }
    }
    #expect(found.count == weights.count)
    #expect(largestDistance(found, weights.map(Double.init)) <= bounds[1])
    let plain = try withCompute(backend: backend) { try model(tokens) }
    #expect(
      largestDistance(plain.hiddenStates.scalars, hidden.scalars.map(Double.init)) <= bounds[0])
  }

  @Test(arguments: withTables) func `a sequence longer than the table of positions is refused`(
    name: String
  ) throws {
    let model = try EncoderModels.load(directory(name))
    #expect(model.contextLength == 24 && model.vocabularySize == 75 && model.hiddenSize == 12)
    let text = failureText { try model(PackedTokens([Array(repeating: 7, count: 25)])) }
    #expect(text.contains("25 tokens, longer than the limit of 24"), "\(text)")
  }

  @Test(arguments: withoutTables) func `a model without a table has no limit`(name: String) throws {
    let model = try EncoderModels.load(directory(name))
    #expect(model.contextLength == nil && model.vocabularySize == 75 && model.hiddenSize == 12)
    let output = try model(PackedTokens([Array(repeating: 7, count: 100)]))
    #expect(output.hiddenStates.scalars.allSatisfy { $0.isFinite })
  }

  @Test func `a group's blocks are repeated in equal shares`() throws {
    let model = try EncoderModels.load(directory("albert-groups"))
    // Layers 0 and 1 use group 0, layer 2 uses group 1, and layer 3 uses group 2. A group has two blocks.
    #expect(model.layerCount == 8)
  }

  private func failure(_ name: String, replacing old: String, with new: String) throws -> String {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "Encoders/\(name)")
    try folder.edit("config.json", replacing: old, with: new)
    return failureText { try EncoderModels.load(ModelDirectory(path: folder.path)) }
  }

  @Test func `an invalid configuration is named`() throws {
    #expect(
      try failure("distilbert", replacing: "\"dim\": 12", with: "\"dim\": 13")
        .contains("dim 13 is not divisible by n_heads 3"))
    #expect(
      try failure("roberta", replacing: "\"pad_token_id\": 1", with: "\"pad_token_id\": 25")
        .contains("max_position_embeddings 26: expected more than pad_token_id 25 + 1"))
    #expect(
      try failure(
        "mpnet", replacing: "\"relative_attention_num_buckets\": 40",
        with: "\"relative_attention_num_buckets\": 31"
      ).contains("relative_attention_num_buckets"))
    #expect(
      try failure("albert", replacing: "\"num_hidden_groups\": 1", with: "\"num_hidden_groups\": 3")
        .contains("num_hidden_groups"))
    #expect(
      try failure("albert", replacing: "\"inner_group_num\": 1", with: "\"inner_group_num\": 5001")
        .contains("inner_group_num: expected integer in the range 1...5000"))
    #expect(
      try failure("electra", replacing: "\"embedding_size\": 7", with: "\"embedding_size\": 8")
        .contains("word_embeddings.weight"))
    #expect(
      try failure(
        "roberta", replacing: "\"model_type\": \"roberta\"", with: "\"model_type\": \"x\""
      )
      .contains(
        "albert, bert, camembert, deberta-v2, distilbert, electra, gemma3_text, gte, "))
  }
}
