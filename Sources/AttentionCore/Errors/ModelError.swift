import Foundation

/// An error in a model, in one of its files, or in a text for it.
public enum ModelError: Error, Hashable, Sendable {
  /// A model that is not found: its name, and what is missing or which places were searched.
  case notFound(model: String, reason: String)
  /// A weights file that is damaged or malicious: its path and what is wrong.
  case weights(path: String, reason: String)
  /// A JSON file of the model that is malformed or has an invalid value: its path and what is wrong.
  case configuration(path: String, reason: String)
  /// A tokenizer file that is malformed or inconsistent: its path and what is wrong.
  case tokenizer(path: String, reason: String)
  /// A valid feature that is not implemented: the file that uses it, its name, and the alternatives that
  /// are supported.
  case unsupported(path: String, what: String, supported: [String])
  /// A text that cannot be processed: what it is, such as "prompt", its index among the texts of the call
  /// (nil for a single text), and why.
  case text(String, index: Int? = nil, reason: String)
}

extension ModelError: CustomStringConvertible {
  /// One line of text: the name of the file or text, then what is wrong. Control characters in names are escaped,
  /// and very long texts are cut.
  public var description: String {
    switch self {
    case .notFound(let model, let reason): "model \(shownPath(model)): \(shown(reason))"
    case .weights(let path, let reason): "\(shownPath(path)): \(shown(reason))"
    case .configuration(let path, let reason): "\(shownPath(path)): \(shown(reason))"
    case .tokenizer(let path, let reason): "\(shownPath(path)): \(shown(reason))"
    case .unsupported(let path, let what, let supported):
      "\(shownPath(path)): unsupported \(shown(what))"
        + (supported.isEmpty ? "" : " (supported: \(supported.joined(separator: ", ")))")
    case .text(let name, let index, let reason):
      "\(shown(name))\(index.map { " \($0)" } ?? ""): \(shown(reason))"
    }
  }
}

extension ModelError: LocalizedError {
  /// The same text as `description`.
  public var errorDescription: String? { description }
}
