import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// A checkpoint of `Fixtures/BERT` and PyTorch's results with it: `Scripts/fixtures/bert.py`.
struct BERTFixture {
  static let names = [
    "plain", "masked-lm", "bf16", "f16", "sharded", "old-names", "gelu-new", "relu",
  ]

  let model: BERT
  /// The same sequences in every checkpoint.
  let tokens: PackedTokens
  /// `[layer][token, hiddenSize]`.
  let hidden: [Tensor]
  /// `[layer][sequence]`, each `[head, query token, key token]`.
  let weights: [[Tensor]]
  /// The accepted distance from PyTorch's result in double precision: twice PyTorch's error in single
  /// precision, plus 1e-5.
  let hiddenBound: Double
  let weightsBound: Double

  init(_ name: String, format: WeightFormat? = nil) throws {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "BERT/\(name)")
    if ["gelu-new", "relu"].contains(name) {
      try folder.copy(fixture: "BERT/plain/model.safetensors")
    }
    model = try BERT(ModelDirectory(path: folder.path), format: format)
    let tokens = try Self.tokens()
    self.tokens = tokens

    let hidden = try Fixtures.tensor("BERT/\(name)/hidden.npy")
    let layerCount = hidden.shape[0]
    self.hidden = try (0..<layerCount).map {
      try hidden.rows($0..<$0 + 1).reshaped(to: [hidden.shape[1], hidden.shape[2]])
    }
    let flat = try Fixtures.tensor("BERT/\(name)/weights.npy")
    let headCount = model.configuration.headCount
    var start = 0
    weights = try (0..<layerCount).map { _ in
      try tokens.lengths.map { length in
        let end = start + headCount * length * length
        defer { start = end }
        return try flat.rows(start..<end).reshaped(to: [headCount, length, length])
      }
    }
    try #require(start == flat.count)
    let errors = try Fixtures.doubles("BERT/\(name)/errors.npy")
    (hiddenBound, weightsBound) = (2 * errors[0] + 1e-5, 2 * errors[1] + 1e-5)
  }

  /// The sequences of the fixtures of all encoders.
  ///
  /// - Parameter hasSegments: false for a family with one segment.
  static func tokens(hasSegments: Bool = true) throws -> PackedTokens {
    PackedTokens(
      ids: try Fixtures.integers("BERT/tokens/ids.npy"),
      segments: hasSegments ? try Fixtures.integers("BERT/tokens/segments.npy") : nil,
      lengths: try Fixtures.integers("BERT/tokens/lengths.npy"))
  }

  /// Compares the hidden states and weights of the whole batch with PyTorch's.
  func expectPyTorchs(_ output: EncoderOutput, _ comment: Comment) throws {
    let last = try #require(hidden.last)
    #expect(output.hiddenStates.shape == last.shape)
    let distance = largestDistance(output.hiddenStates.scalars, last.scalars.map(Double.init))
    #expect(distance <= hiddenBound, comment)

    #expect(output.attentionWeights.count == weights.count)
    for (layer, all) in output.attentionWeights.enumerated() {
      #expect(all.shape == [model.configuration.headCount, tokens.ids.count, tokens.ids.count])
      var start = 0
      for (sequence, expected) in weights[layer].enumerated() {
        let range = start..<start + tokens.lengths[sequence]
        let own = try all.block(rows: range, columns: range)
        #expect(
          largestDistance(own.scalars, expected.scalars.map(Double.init)) <= weightsBound, comment)
        start = range.upperBound
      }
    }
  }
}

extension PackedTokens {
  /// Each sequence as a separate batch.
  var oneByOne: [PackedTokens] {
    var start = 0
    return lengths.map { length in
      let range = start..<start + length
      start = range.upperBound
      return PackedTokens(ids: Array(ids[range]), segments: Array(segments[range]))
    }
  }
}

extension Tensor {
  /// The given rows and columns of each matrix in `[matrix, row, column]`.
  func block(rows: Range<Int>, columns: Range<Int>) throws -> Tensor {
    var scalars: [Float] = []
    for matrix in 0..<shape[0] {
      for row in rows {
        for column in columns { scalars.append(self[matrix, row, column]) }
      }
    }
    return try Tensor(shape: [shape[0], rows.count, columns.count], scalars: scalars)
  }
}
