import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// The encoder compared with PyTorch in double precision, for checkpoints of every layout.
@Suite struct BERTAccuracyTests {
  static let fastBackends = [Backend.openBLAS, .portable]

  @Test(arguments: BERTFixture.names, fastBackends)
  func `every checkpoint gives PyTorch's results for a packed batch`(
    name: String, backend: Backend
  ) throws {
    let fixture = try BERTFixture(name)
    for threads in [1, 2] {
      let output = try withCompute(backend: backend, threads: threads) {
        try fixture.model(fixture.tokens, returningWeights: true)
      }
      try fixture.expectPyTorchs(output, "\(name), \(backend), \(threads) threads")
    }
  }

  @Test func `the reference backend gives PyTorch's results`() throws {
    let fixture = try BERTFixture("plain")
    let output = try withCompute(backend: .reference) {
      try fixture.model(fixture.tokens, returningWeights: true)
    }
    try fixture.expectPyTorchs(output, "plain, reference")
  }

  @Test(arguments: fastBackends)
  func `sequences one by one give the rows and weights of the batch`(backend: Backend) throws {
    let fixture = try BERTFixture("plain")
    let last = try #require(fixture.hidden.last)
    var start = 0
    for (number, sequence) in fixture.tokens.oneByOne.enumerated() {
      let output = try withCompute(backend: backend) {
        try fixture.model(sequence, returningWeights: true)
      }
      let end = start + sequence.ids.count
      let expected = try last.rows(start..<end)
      #expect(
        largestDistance(output.hiddenStates.scalars, expected.scalars.map(Double.init))
          <= fixture.hiddenBound)
      for (layer, weights) in output.attentionWeights.enumerated() {
        let expected = fixture.weights[layer][number]
        #expect(weights.shape == expected.shape)
        #expect(
          largestDistance(weights.scalars, expected.scalars.map(Double.init))
            <= fixture.weightsBound)
      }
      start = end
    }
  }

  @Test(arguments: Backend.all)
  func `weights between different sequences are zero, and each row sums to one`(
    backend: Backend
  ) throws {
    let fixture = try BERTFixture("masked-lm")
    let output = try withCompute(backend: backend) {
      try fixture.model(fixture.tokens, returningWeights: true)
    }
    let sequences = fixture.tokens.lengths.enumerated().flatMap {
      Array(repeating: $0.offset, count: $0.element)
    }
    let weights = try #require(output.attentionWeights.first)
    for head in 0..<weights.shape[0] {
      for query in sequences.indices {
        var sum: Float = 0
        for key in sequences.indices {
          let weight = weights[head, query, key]
          if sequences[query] != sequences[key] { #expect(weight == 0) }
          sum += weight
        }
        #expect(abs(sum - 1) < 1e-6)
      }
    }
  }

  @Test func `a model of fewer layers gives the earlier block's output`() throws {
    let fixture = try BERTFixture("plain")
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "BERT/plain")
    try folder.edit(
      "config.json", replacing: "\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": 1")
    let output = try BERT(ModelDirectory(path: folder.path))(fixture.tokens)
    #expect(
      largestDistance(output.hiddenStates.scalars, fixture.hidden[0].scalars.map(Double.init))
        <= fixture.hiddenBound)
  }

  @Test func `weights are returned only if requested, and do not change the hidden states`() throws
  {
    let fixture = try BERTFixture("plain")
    let bare = try fixture.model(fixture.tokens)
    let full = try fixture.model(fixture.tokens, returningWeights: true)
    #expect(bare.attentionWeights.isEmpty)
    #expect(bare.hiddenStates == full.hiddenStates)
  }

  @Test func `the segments change the hidden states`() throws {
    let fixture = try BERTFixture("plain")
    var other = fixture.tokens
    other.segments = other.segments.map { 1 - $0 }
    let distance = try largestDistance(
      fixture.model(other).hiddenStates.scalars,
      fixture.model(fixture.tokens).hiddenStates.scalars.map(Double.init))
    #expect(distance > 0.1)
  }
}
