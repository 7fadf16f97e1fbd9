import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// Scores of pairs compared with those of sentence-transformers in double precision:
/// `Scripts/fixtures/cross_encoder.py`.
@Suite struct CrossEncoderTests {
  private struct Fixture: Decodable {
    let pairs: [[String]]
    let scores: [String: [[Double]]]
    let errors: [String: Double]
  }

  private static let names = [
    "bert-sequence", "bert-regression", "electra-sequence", "mpnet-sequence",
  ]

  private func folder(_ name: String) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "EncoderHeads/\(name)")
    try folder.copy(fixture: "Sentences/common")
    try folder.write(#"{"model_max_length": 24}"#.utf8, to: "tokenizer_config.json")
    return folder
  }

  @Test(arguments: names, [Backend.openBLAS, .portable])
  func `scores are those of sentence-transformers`(name: String, backend: Backend) throws {
    let fixture: Fixture = try Fixtures.json("CrossEncoders/scores.json")
    let folder = try folder(name)
    let encoder = try CrossEncoder(model: folder.path)
    let pairs = fixture.pairs.map { ($0[0], $0[1]) }
    let expected = try #require(fixture.scores[name])
    let bound = 2 * (try #require(fixture.errors[name])) + 1e-5
    try withCompute(backend: backend) {
      let scores = try encoder.scores(pairs: pairs)
      #expect(scores.shape == [pairs.count, encoder.classifier.labels.count])
      #expect(largestDistance(scores.scalars, expected.flatMap(\.self)) <= bound)
      let firsts = try encoder.scores(query: pairs[3].0, texts: [pairs[3].1])
      #expect(largestDistance(firsts, [expected[3][0]]) <= bound)
    }
    #expect(encoder.activation == (name == "bert-regression" ? .sigmoid : .identity))
    #expect(try encoder.scores(query: "cat", texts: []).isEmpty)
  }

  @Test(arguments: [
    (
      #""sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"},"#,
      "identity"
    ),
    (#""sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity","#, "identity"),
    (#""sbert_ce_default_activation_function": null,"#, "sigmoid"),
    (#""sentence_transformers": {"version": "5.0.0"},"#, "sigmoid"),
    (
      #""sentence_transformers": {"activation_fn": "torch.nn.modules.activation.Sigmoid"}, "#
        + #""sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity","#, "sigmoid"
    ),
  ])
  func `the function of the scores is read from the files`(keys: String, name: String) throws {
    let folder = try folder("bert-regression")
    try folder.edit(
      "config.json", replacing: "\"architectures\"", with: "\(keys) \"architectures\"")
    #expect("\(try CrossEncoder(model: folder.path).activation)" == name)
  }

  @Test func `settings of sentence-transformers come after those of the configuration`() throws {
    let folder = try folder("bert-regression")
    let settings = "config_sentence_transformers.json"
    try folder.write(
      #"{"activation_fn": "torch.nn.modules.linear.Identity"}"#.utf8, to: settings)
    #expect(try CrossEncoder(model: folder.path).activation == .identity)
    try folder.write(#"{"activation_fn": "evil.Function"}"#.utf8, to: settings)
    let text = failureText { try CrossEncoder(model: folder.path) }
    #expect(
      text.contains("unsupported activation_fn evil.Function (supported: Identity, Sigmoid)"),
      "\(text)")
  }

  @Test func `a model without the head is refused with its head`() throws {
    let folder = try folder("bert-tokens")
    let text = failureText { try CrossEncoder(model: folder.path) }
    #expect(text.contains("unsupported head \"token classification\""), "\(text)")
  }

  @Test func `a description has the function, the length and the classifier`() throws {
    let folder = try folder("bert-regression")
    let encoder = try CrossEncoder(model: folder.path)
    #expect(
      "\(encoder)" == "CrossEncoder(sigmoid, at most 24 tokens, "
        + "SequenceClassifier(regression, 1 label, 1 layer, hidden size 12))")
  }
}
