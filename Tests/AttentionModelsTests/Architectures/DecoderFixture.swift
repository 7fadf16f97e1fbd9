import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// A decoder of `Fixtures/LanguageModels` and PyTorch's results with it:
/// `Scripts/fixtures/language_models.py`.
struct DecoderFixture {
  static let names = [
    "gpt2", "gpt2head", "gpt2untied", "llama", "llama-dynamic", "llama-yarn", "llama3",
    "llamabias", "mistral", "mistral-full", "qwen2", "qwen2-full", "qwen3", "gemma2",
    "gemma2-plain", "gemma", "gemma3", "gemma3-new", "gptneox", "gptneox-serial", "granite",
    "mixtral", "olmo2", "phi3", "phi3-plain", "qwen2moe", "qwen3moe", "smollm3", "smollm3-windows",
  ]
  /// The models whose logits do not depend on the final length of the text: all without dynamic scaling and
  /// LongRoPE.
  static let steadyNames = names.filter { !["llama-dynamic", "phi3"].contains($0) }
  /// One of each family.
  static let families = [
    "gpt2", "llama3", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "gptneox",
    "granite", "mixtral", "olmo2", "phi3", "qwen2moe", "qwen3moe", "smollm3",
  ]

  let model: any LanguageModel
  /// The same sequences for every model.
  let sequences: [[Int]]
  /// The logits of every token of these sequences, `[token, id]`.
  let logits: Tensor
  /// The accepted distance from PyTorch's result in double precision: twice PyTorch's error in single
  /// precision, plus 1e-6.
  let bound: Double

  init(_ name: String, format: WeightFormat? = nil) throws {
    let folder = try Self.folder(name)
    model = try withExtendedLifetime(folder) {
      try LanguageModels.load(ModelDirectory(path: folder.path), format: format)
    }
    sequences = try Self.sequences()
    logits = try Fixtures.tensor("LanguageModels/\(name)/logits.npy")
    bound = try 2 * #require(Fixtures.doubles("LanguageModels/\(name)/error.npy").first) + 1e-6
  }

  /// A copy of the model's files, with the weights of another model if it has none.
  static func folder(_ name: String) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    if let end = name.firstIndex(of: "-") {
      try folder.copy(fixture: "LanguageModels/\(name[..<end])")
    }
    try folder.copy(fixture: "LanguageModels/\(name)")
    return folder
  }

  static func sequences() throws -> [[Int]] {
    var ids = try Fixtures.integers("LanguageModels/tokens/ids.npy")[...]
    return try Fixtures.integers("LanguageModels/tokens/lengths.npy").map { length in
      defer { ids = ids.dropFirst(length) }
      return Array(ids.prefix(length))
    }
  }

  /// Logits of every token of texts that begin here.
  func fullPass(_ sequences: [[Int]]? = nil) throws -> Tensor {
    var (state, tokens) = try model.begin(PackedTokens(sequences ?? self.sequences))
    return try model.logits(of: tokens, state: &state, rows: .all)
  }

  /// The rows of ``logits`` that belong to a sequence.
  func rows(of sequence: Int) -> Range<Int> {
    let start = sequences[..<sequence].reduce(0) { $0 + $1.count }
    return start..<start + sequences[sequence].count
  }

  /// Compares logits with rows of PyTorch's: the numbers, and the most probable tokens.
  func expectPyTorchs(
    _ found: Tensor, rows: Range<Int>? = nil, _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try rows.map { try logits.rows($0) } ?? logits
    #expect(found.shape == expected.shape, comment, sourceLocation: sourceLocation)
    let distance = largestDistance(found.scalars, expected.scalars.map(Double.init))
    #expect(distance <= bound, comment, sourceLocation: sourceLocation)
    #expect(
      found.mostProbable == expected.mostProbable, comment, sourceLocation: sourceLocation)
  }
}

extension Tensor {
  /// The column of the largest number in each row.
  var mostProbable: [Int] {
    let width = shape[1]
    return scalars.indices.filter { $0 % max(width, 1) == 0 }.map { start in
      (0..<width).max { scalars[start + $0] < scalars[start + $1] } ?? 0
    }
  }
}
