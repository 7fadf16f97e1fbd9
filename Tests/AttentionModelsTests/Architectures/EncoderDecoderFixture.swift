import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// A checkpoint of an encoder–decoder family in `Fixtures` and PyTorch's results with it, for each sequence
/// alone: `Scripts/fixtures/encoder_decoders.py`.
struct EncoderDecoderFixture {
  static let names = [
    "T5/v1.0", "T5/gelu", "T5/v1.1", "T5/silu", "T5/old", "BART/plain", "BART/relu",
    "BART/sharded", "BART/bare", "M2M100/odd", "Marian/shared", "Marian/separate", "MBART/untied",
    "Pegasus/plain", "UMT5/gated",
  ]
  /// The weights for folders with only a configuration.
  private static let weights = ["T5/gelu": "v1.0", "T5/silu": "v1.1", "BART/relu": "plain"]

  let model: any LanguageModel
  /// The encoder's output, `[prompt token, hiddenSize]`.
  let encode: (PackedTokens) throws -> Tensor
  let prompts: PackedTokens
  /// The decoded texts, one per prompt.
  let texts: PackedTokens
  /// `[prompt token, hiddenSize]`.
  let encoded: Tensor
  /// `[text token, id]`.
  let logits: Tensor
  /// The accepted distance from PyTorch's result in double precision: twice PyTorch's error in single
  /// precision, plus 1e-5.
  let encodedBound: Double
  let logitsBound: Double

  init(_ name: String, format: WeightFormat? = nil) throws {
    let folder = try TemporaryDirectory()
    try Self.copy(name, to: folder)
    let directory = try ModelDirectory(path: folder.path)
    model = try LanguageModels.load(directory, format: format)
    switch model {
    case let model as T5: encode = model.encode
    case let model as BART: encode = model.encode
    default: throw ModelError.notFound(model: name, reason: "not an encoder–decoder")
    }
    let family = name.prefix { $0 != "/" }
    prompts = try Self.tokens("\(family)/tokens/prompts")
    texts = try Self.tokens("\(family)/tokens/texts")
    encoded = try Fixtures.tensor("\(name)/encoder.npy")
    logits = try Fixtures.tensor("\(name)/logits.npy")
    let errors = try Fixtures.doubles("\(name)/errors.npy")
    (encodedBound, logitsBound) = (2 * errors[0] + 1e-5, 2 * errors[1] + 1e-5)
  }

  /// Copies a model's files.
  static func copy(_ name: String, to folder: TemporaryDirectory) throws {
    if let source = weights[name] {
      let family = name.prefix { $0 != "/" }
      try folder.copy(fixture: "\(family)/\(source)/model.safetensors")
    }
    try folder.copy(fixture: name)
  }

  private static func tokens(_ name: String) throws -> PackedTokens {
    PackedTokens(
      ids: try Fixtures.integers("\(name).npy"),
      lengths: try Fixtures.integers("\(name)-lengths.npy"))
  }

  /// The state after the encoder has read the prompts.
  func begin() throws -> DecodingState { try model.begin(prompts).state }

  /// The rows of `logits` for a range of tokens of each text.
  func expectedRows(_ ranges: [Range<Int>]) throws -> [Float] {
    var rows: [Float] = []
    var start = 0
    for (range, length) in zip(ranges, texts.lengths) {
      rows += try logits.rows(start + range.lowerBound..<start + range.upperBound).scalars
      start += length
    }
    return rows
  }

  /// Some tokens of each text.
  func texts(_ ranges: [Range<Int>]) -> PackedTokens {
    PackedTokens(zip(texts.sequences, ranges).map { Array($0[$1]) })
  }

  /// Compares logits with PyTorch's: every number, and the largest of each row.
  func expectPyTorchs(
    _ found: Tensor, _ expected: [Float], within bound: Double? = nil, _ comment: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let width = model.vocabularySize
    try #require(
      found.shape == [expected.count / width, width], "\(comment)", sourceLocation: sourceLocation)
    let scalars = found.scalars
    let distance = largestDistance(scalars, expected.map(Double.init))
    #expect(distance <= bound ?? logitsBound, "\(comment)", sourceLocation: sourceLocation)
    for row in 0..<found.shape[0] {
      let columns = row * width..<(row + 1) * width
      #expect(
        columns.max { scalars[$0] < scalars[$1] } == columns.max { expected[$0] < expected[$1] },
        "\(comment), row \(row)", sourceLocation: sourceLocation)
    }
  }
}

extension PackedTokens {
  /// The ids of each sequence.
  var sequences: [[Int]] { oneByOne.map(\.ids) }
}
