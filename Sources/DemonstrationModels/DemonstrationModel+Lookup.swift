import AttentionCore
import Foundation

extension DemonstrationModel {
  /// Finds a model as `ModelDirectory(_:revision:)` does, or a demonstration model by its name.
  ///
  /// ```swift
  /// let directory = try DemonstrationModel.directory(named: "toy-t5")
  /// ```
  ///
  /// - Parameters:
  ///   - model: the path of a folder, the name of a model in a cache, `toy-t5` or `toy-gpt2`.
  ///   - revision: a revision in Hugging Face's cache; demonstration models have no revisions.
  /// - Throws: `ModelError.notFound` with the places that were searched.
  public static func directory(
    named model: String, revision: String? = nil
  ) throws -> ModelDirectory {
    try directory(
      named: model, revision: revision, environment: ProcessInfo.processInfo.environment)
  }

  /// Finds a model in the caches that the given environment variables define.
  package static func directory(
    named model: String, revision: String? = nil, environment: [String: String]
  ) throws -> ModelDirectory {
    do {
      return try ModelDirectory(model, revision: revision, environment: environment)
    } catch ModelError.notFound(let name, let reason) {
      guard let demonstration = DemonstrationModel(rawValue: model) else {
        throw ModelError.notFound(model: name, reason: reason)
      }
      guard revision == nil else {
        throw ModelError.notFound(
          model: name, reason: reason + "; the demonstration model has no revisions")
      }
      return try demonstration.directory()
    }
  }
}
