import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Models, tasks and loading throw `CancellationError` in a cancelled task, not another error.
@Suite struct CancellationTests {
  private func expectCancelled<Result>(
    _ comment: Comment, _ body: @escaping @Sendable () throws -> Result
  ) async {
    await #expect(throws: CancellationError.self, comment) {
      try await inCancelledTask { _ = try body() }
    }
  }

  @Test func `loading`() async throws {
    let folder = try SentenceFixture.folder("mean")
    let path = folder.path
    await expectCancelled("embedder") { try SentenceEmbedder(model: path) }
    await expectCancelled("explainer") { try AttentionExplainer(model: path) }
    await expectCancelled("encoder") { try BERT(ModelDirectory(path: path)) }
    await expectCancelled("checkpoint") { try Checkpoint(path: path) }
    await expectCancelled("state dictionary") { try StateDictionary(contentsOf: path) }
  }

  @Test func `an embedder`() async throws {
    let fixture = try SentenceFixture("mean")
    let embedder = try fixture.embedder()
    let texts = fixture.texts
    await expectCancelled("tokenizing") { try embedder.encodings(of: texts) }
    await expectCancelled("embedding") { try embedder.embed(texts) }
    let encodings = try embedder.encodings(of: texts)
    await expectCancelled("embedding tokens") { try embedder.embed(encodings) }
    // The same embedder works afterwards.
    let embeddings = try embedder.embed(texts).scalars.map(Double.init)
    #expect(largestDistance(fixture.embeddings.scalars, embeddings) <= fixture.bound)
  }

  @Test(arguments: [Backend.openBLAS, .native, .portable, .reference])
  func `an encoder`(backend: Backend) async throws {
    let fixture = try BERTFixture("plain")
    let (model, tokens) = (fixture.model, fixture.tokens)
    await expectCancelled("\(backend)") {
      try withCompute(backend: backend) { try model(tokens).hiddenStates }
    }
  }

  @Test(arguments: ["gpt2", "llama3", "T5/v1.0", "BART/plain"])
  func `a language model, whose state is as before`(name: String) async throws {
    let model: any LanguageModel =
      try name.contains("/") ? EncoderDecoderFixture(name).model : DecoderFixture(name).model
    let prompts = PackedTokens(ids: [3, 4, 5, 6], lengths: [3, 1])
    let next = PackedTokens(ids: [7, 8], lengths: [1, 1])
    var (state, tokens) = try model.begin(prompts)
    _ = try model.logits(of: tokens, state: &state, rows: .last)
    let before = state
    var other = state
    let expected = try model.logits(of: next, state: &other, rows: .last)
    let after = await Task {
      var state = before
      cancelCurrentTask()
      #expect(throws: CancellationError.self) {
        try model.logits(of: next, state: &state, rows: .last)
      }
      return state
    }.value
    #expect(after.lengths == before.lengths)
    var continued = after
    #expect(try model.logits(of: next, state: &continued, rows: .last) == expected)
  }
}
