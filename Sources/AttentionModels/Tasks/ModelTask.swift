import Attention

/// A task with a model, loaded from the model's folder: embedding, classification, generation and the others.
///
/// ```swift
/// let embedder = try SentenceEmbedder(model: "sentence-transformers/all-MiniLM-L6-v2")
/// let tagger = try await EntityTagger.load(model: "dslim/bert-base-NER")
/// ```
///
/// The weights are immutable and shared: any number of tasks of Swift can use one value at once.
public protocol ModelTask: Sendable {
  /// Loads the model in a folder, with its tokenizer and settings.
  ///
  /// Blocks the thread until the weights are read; ``load(_:format:)`` does not.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for a file that cannot
  ///   be read or is outside the folder; `AttentionError.memory`.
  init(_ directory: ModelDirectory, format: WeightFormat?) throws
}

extension ModelTask {
  /// Loads a model, with its tokenizer and settings.
  ///
  /// Blocks the thread until the weights are read; ``load(model:revision:format:)`` does not.
  ///
  /// - Parameters:
  ///   - model: the path of its folder, or a name; see ``ModelDirectory/init(_:revision:)``.
  ///   - revision: the revision in Hugging Face's cache; nil for `main`.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: as ``init(_:format:)``.
  public init(model: String, revision: String? = nil, format: WeightFormat? = nil) throws {
    try self.init(ModelDirectory(model, revision: revision), format: format)
  }

  /// Loads a model without blocking a thread of Swift's cooperative pool.
  ///
  /// Uses the backend and the threads of the scope, as the initializer does.
  ///
  /// - Parameters:
  ///   - model: the path of its folder, or a name; see ``ModelDirectory/init(_:revision:)``.
  ///   - revision: the revision in Hugging Face's cache; nil for `main`.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: as ``init(_:format:)``; `CancellationError` if the current task is cancelled.
  public static func load(
    model: String, revision: String? = nil, format: WeightFormat? = nil
  ) async throws -> Self {
    try await BlockingWork.run { try Self(model: model, revision: revision, format: format) }
  }

  /// Loads the model in a folder without blocking a thread of Swift's cooperative pool.
  ///
  /// - Parameters:
  ///   - directory: the model's folder.
  ///   - format: the format of the weights in memory; nil for the format of the file.
  /// - Throws: as ``load(model:revision:format:)``.
  public static func load(
    _ directory: ModelDirectory, format: WeightFormat? = nil
  ) async throws -> Self {
    try await BlockingWork.run { try Self(directory, format: format) }
  }
}
