import Attention
import Foundation
import TestSupport
import Testing

@testable import AttentionModels

/// The heads of encoders compared with PyTorch in double precision: `Scripts/fixtures/encoder_heads.py`.
@Suite struct EncoderHeadTests {
  static let families = [
    "bert", "roberta", "xlm-roberta", "distilbert", "mpnet", "electra", "albert", "deberta",
    "modernbert", "nomic-bert", "gte",
  ]
  static let backends = [Backend.openBLAS, .native, .portable, .reference]

  private func directory(_ name: String) throws -> ModelDirectory {
    try ModelDirectory(path: Fixtures.path("EncoderHeads/\(name)"))
  }

  private func tokens(_ name: String) throws -> PackedTokens {
    try BERTFixture.tokens()
  }

  private func expectPyTorchs(_ logits: Tensor, _ name: String, _ comment: Comment) throws {
    let expected = try Fixtures.tensor("EncoderHeads/\(name)/logits.npy")
    let error = try Fixtures.doubles("EncoderHeads/\(name)/errors.npy")[0]
    #expect(logits.shape == expected.shape, comment)
    // Twice PyTorch's error in single precision, plus 1e-6 relative to the largest score.
    let scale = expected.scalars.reduce(1) { max($0, abs(Double($1))) }
    let distance = largestDistance(logits.scalars, expected.scalars.map(Double.init))
    #expect(distance <= 2 * error + 1e-6 * scale, comment)
  }

  @Test(
    arguments: families.map { "\($0)-sequence" }
      + ["bert-regression", "roberta-several", "modernbert-mean", "qwen3-sequence"]
      + ["gemma3-sequence"], backends)
  func `scores of a text are PyTorch's`(name: String, backend: Backend) throws {
    let model = try SequenceClassifier(directory(name))
    let logits = try withCompute(backend: backend) { try model(tokens(name)) }
    try expectPyTorchs(logits, name, "\(name), \(backend)")
    switch name {
    case "bert-regression":
      #expect(model.labels == ["LABEL_0"] && model.problem == .regression)
    case "roberta-several": #expect(model.problem == .multiLabel)
    default:
      #expect(model.labels == ["negative", "neutral", "positive"])
      #expect(model.problem == .singleLabel)
    }
  }

  @Test func `a decoder's score is that of the last token that is not padding`() throws {
    let model = try SequenceClassifier(directory("qwen3-sequence"))
    // Of a sequence of padding tokens, the first one counts, as in transformers.
    let scores = try model(PackedTokens([[7, 8], [7, 8, 10, 10], [10], [10, 10]]))
    for row in [0, 2] {
      #expect(
        largestDistance(scores.row(row), scores.row(row + 1).map(Double.init)) <= 1e-6, "\(row)")
    }
    #expect(largestDistance(scores.row(0), scores.row(2).map(Double.init)) > 0.01)
  }

  @Test(arguments: families + ["qwen3"], backends)
  func `scores of tokens are PyTorch's`(family: String, backend: Backend) throws {
    let classifier = try TokenClassifier(directory("\(family)-tokens"))
    #expect(classifier.labels == ["O", "B", "I", "L", "U"])
    try withCompute(backend: backend) {
      try expectPyTorchs(
        classifier(tokens(family)), "\(family)-tokens", "\(family), \(backend)")
      // transformers has no class for two families with this head.
      guard !["nomic-bert", "gte"].contains(family) else { return }
      let extractor = try AnswerExtractor(directory("\(family)-answers"))
      try expectPyTorchs(
        extractor(tokens(family)), "\(family)-answers", "\(family), \(backend)")
    }
  }

  @Test(arguments: families.map { "\($0)-masked" } + ["bert-untied", "deberta-new"], backends)
  func `scores of masked tokens are PyTorch's`(name: String, backend: Backend) throws {
    let model = try MaskedLanguageModel(directory(name))
    let tokens = try tokens(name)
    try withCompute(backend: backend) {
      let all = try model(tokens)
      // The fixture has every third row.
      let rows = Array(stride(from: 0, to: tokens.ids.count, by: 3))
      try expectPyTorchs(all.selecting(rows: rows), name, "\(name), \(backend)")
      let some = try model(tokens, at: [7, 0, 7])
      for (row, position) in [7, 0, 7].enumerated() {
        let distance = largestDistance(some.row(row), all.row(position).map(Double.init))
        #expect(distance <= 1e-5, "\(name), \(backend)")
      }
    }
  }

  @Test func `a tied output layer that differs in the file is separate, as in transformers`() throws
  {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "EncoderHeads/bert-untied")
    try folder.edit(
      "config.json", replacing: "\"tie_word_embeddings\": false",
      with: "\"tie_word_embeddings\": true")
    let model = try MaskedLanguageModel(ModelDirectory(path: folder.path))
    let tokens = try tokens("bert-untied")
    let rows = Array(stride(from: 0, to: tokens.ids.count, by: 3))
    try expectPyTorchs(model(tokens, at: rows), "bert-untied", "tied in config.json")
  }

  @Test func `an output layer that is not tied must be in the file`() throws {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "EncoderHeads/bert-masked")
    try folder.edit(
      "config.json", replacing: "\"tie_word_embeddings\": true",
      with: "\"tie_word_embeddings\": false")
    let text = failureText { try MaskedLanguageModel(ModelDirectory(path: folder.path)) }
    #expect(text.contains("cls.predictions.decoder.weight"), "\(text)")
  }

  @Test func `a checkpoint with another head, or without one, is refused with its head`() throws {
    let text = failureText { try SequenceClassifier(directory("bert-tokens")) }
    #expect(
      text.hasSuffix(
        "unsupported head \"token classification\" (supported: \"sequence classification\")"))
    let bare = try ModelDirectory(path: Fixtures.path("Encoders/mpnet"))
    let bareText = failureText { try AnswerExtractor(bare) }
    #expect(
      bareText.hasSuffix("unsupported head \"MPNetModel\" (supported: \"question answering\")"))
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "EncoderHeads/bert-masked")
    try folder.edit("config.json", replacing: "\"architectures\"", with: "\"others\"")
    #expect(
      failureText { try MaskedLanguageModel(ModelDirectory(path: folder.path)) }
        .contains("unsupported checkpoint without a head"))
  }

  @Test func `positions and sequences without tokens are refused`() throws {
    let model = try MaskedLanguageModel(directory("bert-masked"))
    #expect(
      failureText { try model(PackedTokens([[1, 2, 3]]), at: [3]) }.contains("3 is not in 0..<3"))
    let classifier = try SequenceClassifier(directory("bert-sequence"))
    let text = failureText { try classifier(PackedTokens([[1, 2], []])) }
    #expect(text == "sequence 1: no tokens")
    for lengths in [[.max, .max], [-1, 3], [1], [3, .min]] {
      let text = failureText { try classifier(PackedTokens(ids: [1, 2], lengths: lengths)) }
      #expect(text.contains("lengths"), "\(text)")
    }
    #expect("\(classifier)" == "SequenceClassifier(singleLabel, 3 labels, 1 layer, hidden size 12)")
    #expect("\(model)" == "MaskedLanguageModel(vocabulary 75, 1 layer, hidden size 12)")
  }

  @Test func `labels are read in the order of their ids`() throws {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "EncoderHeads/bert-sequence")
    try folder.edit("config.json", replacing: "\"2\": \"positive\"", with: "\"3\": \"positive\"")
    #expect(
      failureText { try SequenceClassifier(ModelDirectory(path: folder.path)) }
        .contains("id2label.2"))
    try folder.edit("config.json", replacing: "\"id2label\"", with: "\"unused\"")
    #expect(
      failureText { try SequenceClassifier(ModelDirectory(path: folder.path)) }
        .contains("classifier.weight"))
    try folder.edit("config.json", replacing: "\"unused\"", with: "\"num_labels\": 3, \"unused\"")
    let model = try SequenceClassifier(ModelDirectory(path: folder.path))
    #expect(model.labels == ["LABEL_0", "LABEL_1", "LABEL_2"])
  }
}
