import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// Decoders compared with PyTorch in double precision: every position of packed texts, for checkpoints of
/// every layout.
@Suite struct DecoderAccuracyTests {
  @Test(arguments: DecoderFixture.names, [Backend.openBLAS, .portable])
  func `every model gives PyTorch's results for a packed batch`(name: String, backend: Backend)
    throws
  {
    let fixture = try DecoderFixture(name)
    for threads in [1, 2] {
      let logits = try withCompute(backend: backend, threads: threads) { try fixture.fullPass() }
      try fixture.expectPyTorchs(logits, "\(name), \(backend), \(threads) threads")
    }
  }

  @Test(arguments: DecoderFixture.families)
  func `the reference backend gives PyTorch's results`(name: String) throws {
    let fixture = try DecoderFixture(name)
    let logits = try withCompute(backend: .reference) { try fixture.fullPass() }
    try fixture.expectPyTorchs(logits, "\(name), reference")
  }

  @Test(arguments: DecoderFixture.names)
  func `texts one by one give the rows of the batch`(name: String) throws {
    let fixture = try DecoderFixture(name)
    for (index, sequence) in fixture.sequences.enumerated() {
      try fixture.expectPyTorchs(
        fixture.fullPass([sequence]), rows: fixture.rows(of: index), "\(name), sequence \(index)")
    }
  }

  @Test(arguments: DecoderFixture.names)
  func `the last rows are those of the sequences with tokens`(name: String) throws {
    let fixture = try DecoderFixture(name)
    let all = try fixture.fullPass()
    var (state, tokens) = try fixture.model.begin(PackedTokens(fixture.sequences))
    let last = try fixture.model.logits(of: tokens, state: &state, rows: .last)
    #expect(last.shape == [4, fixture.model.vocabularySize])
    for index in fixture.sequences.indices {
      let row = fixture.rows(of: index).upperBound - 1
      let expected = try all.rows(row..<row + 1).scalars.map(Double.init)
      #expect(largestDistance(try last.rows(index..<index + 1).scalars, expected) <= 1e-5)
    }
    // If some sequences have no tokens in a step, the result has only the rows of the other sequences.
    let step = PackedTokens([[7], [], [], [3, 4]])
    #expect(try fixture.model.logits(of: step, state: &state, rows: .last).shape[0] == 2)
    #expect(state.lengths == [7, 1, 21, 14])
  }
}
