import Attention
import TestSupport
import Testing

@testable import AttentionModels

/// A folder of `Fixtures/Sentences`, in the layout of sentence-transformers:
/// `Scripts/fixtures/bert.py`.
struct SentenceFixture {
  static let names = [
    "cls", "max", "mean", "last", "two", "old-two", "old-last", "prompt", "excluded-prompt",
    "all-modes", "dense", "residual",
  ]

  let folder: TemporaryDirectory
  let texts: [String]
  /// `[text, embeddingDimension]`, computed in double precision.
  let embeddings: Tensor
  /// The accepted distance: twice PyTorch's error in single precision, plus 1e-5.
  let bound: Double

  init(_ name: String) throws {
    folder = try Self.folder(name)
    texts = try Fixtures.strings("Sentences/texts.json")
    embeddings = try Fixtures.tensor("Sentences/\(name)/embeddings.npy")
    bound = 2 * (try Fixtures.doubles("Sentences/\(name)/errors.npy")[0]) + 1e-5
  }

  /// A copy of the model's files, which can be changed.
  static func folder(_ name: String) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    try folder.copy(fixture: "BERT/plain")
    try folder.copy(fixture: "Sentences/common")
    try folder.copy(fixture: "Sentences/\(name)")
    return folder
  }

  func embedder() throws -> SentenceEmbedder { try SentenceEmbedder(model: folder.path) }
}
