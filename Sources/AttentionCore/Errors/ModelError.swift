import Foundation

/// Why a model, one of its files, or a text given to it was refused.
public enum ModelError: Error, Hashable, Sendable {
  /// A model that is not where it was looked for: its name and what was missing or tried.
  case notFound(model: String, reason: String)
  /// A weights file that is damaged or hostile: its path and what is wrong.
  case weights(path: String, reason: String)
  /// A JSON file of the model that is malformed, or a key of it that makes no sense.
  case configuration(path: String, reason: String)
  /// A tokenizer file that is malformed or inconsistent.
  case tokenizer(path: String, reason: String)
  /// Something well-formed that this library does not implement: its name, and what it does.
  case unsupported(path: String, what: String, supported: [String])
  /// A text that cannot be processed: which one, and why.
  case text(String, reason: String)
}

extension ModelError: CustomStringConvertible {
  /// One line for a person: the file or text at fault first, then what is wrong with it.
  public var description: String {
    switch self {
    case .notFound(let model, let reason): "model \(model): \(reason)"
    case .weights(let path, let reason): "\(path): \(reason)"
    case .configuration(let path, let reason): "\(path): \(reason)"
    case .tokenizer(let path, let reason): "\(path): \(reason)"
    case .unsupported(let path, let what, let supported):
      "\(path): unsupported \(what)"
        + (supported.isEmpty ? "" : " (supported: \(supported.joined(separator: ", ")))")
    case .text(let name, let reason): "\(name): \(reason)"
    }
  }
}

extension ModelError: LocalizedError {
  /// The same line as `description`.
  public var errorDescription: String? { description }
}
