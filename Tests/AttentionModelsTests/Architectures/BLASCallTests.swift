import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Every float32 product of a model with more than one row is a call of sgemm on a core with
/// small-matrix kernels; on another core, only the general products are.
@Suite struct BLASCallTests {
  private func expectCalls(
    _ name: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) throws {
    for threads in [1, 2] {
      let counted = CountedBLAS(core: "Cooperlake")
      try withCompute(backend: counted.backend, threads: threads, body)
      let requested = counted.generalRequests + counted.packedRequests
      #expect(
        requested > 0 && counted.computedMultiplications == requested, "\(name)",
        sourceLocation: sourceLocation)
      let other = CountedBLAS(core: "Haswell")
      try withCompute(backend: other.backend, threads: threads, body)
      #expect(
        other.packedRequests > 0 && other.computedMultiplications == other.generalRequests,
        "\(name)", sourceLocation: sourceLocation)
    }
  }

  @Test func `an encoder`() throws {
    let fixture = try BERTFixture("plain")
    try expectCalls("BERT") { _ = try fixture.model(fixture.tokens) }
  }

  @Test(arguments: ["gpt2", "llama3", "gemma2"])
  func `a decoder, in a full pass and step by step`(name: String) throws {
    let fixture = try DecoderFixture(name)
    try expectCalls(name) { _ = try fixture.fullPass() }
    try expectCalls("\(name), steps") {
      let texts = fixture.sequences.filter { $0.count > 2 }
      var (state, _) = try fixture.model.begin(PackedTokens(texts.map { Array($0.prefix(2)) }))
      for step in 0..<2 {
        _ = try fixture.model.logits(
          of: PackedTokens(texts.map { [$0[step]] }), state: &state, rows: .all)
      }
    }
  }

  @Test(arguments: ["T5/v1.0", "BART/plain"])
  func `an encoder-decoder`(name: String) throws {
    let fixture = try EncoderDecoderFixture(name)
    try expectCalls(name) {
      _ = try fixture.encode(fixture.prompts)
      var (state, _) = try fixture.model.begin(fixture.prompts)
      _ = try fixture.model.logits(of: fixture.texts, state: &state, rows: .all)
    }
  }
}
