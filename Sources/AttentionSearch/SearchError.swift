import AttentionCore
import Foundation

/// An error of a search index. The message names the index, the file or the document at fault.
public enum SearchError: Error, Hashable, Sendable {
  /// A path without an index, or where no index can be created: the path and the reason.
  case notAnIndex(path: String, reason: String)
  /// A file of an index that is truncated or changed: its path, and what is wrong.
  case damaged(path: String, reason: String)
  /// An index of another model: the index's model and the given model.
  case otherModel(path: String, index: String, given: String)
  /// An index that another process is changing for too long: its path.
  case busy(path: String)
  /// A file of an index that cannot be read or written: its path, and the system's reason.
  case storage(path: String, reason: String)
  /// A document that cannot be added or is not in the index: its name, and the reason.
  case document(String, reason: String)
  /// A combination that is not implemented: a format and a measure of similarity.
  case unsupported(String)
}

extension SearchError: CustomStringConvertible {
  /// One line of text: the path or name at fault, then what is wrong. Control characters in names are escaped.
  public var description: String {
    switch self {
    case .notAnIndex(let path, let reason): "\(shown(path)): \(reason)"
    case .damaged(let path, let reason): "\(shown(path)): damaged: \(reason)"
    case .otherModel(let path, let index, let given):
      "\(shown(path)): the index has the vectors of \(shown(index)), not of \(shown(given))"
    case .busy(let path): "\(shown(path)): another process is writing to the index"
    case .storage(let path, let reason): "\(shown(path)): \(reason)"
    case .document(let name, let reason): "document \(quoted(name, limit: 200)): \(reason)"
    case .unsupported(let what): "unsupported: \(what)"
    }
  }

  private func shown(_ text: String) -> String { printable(text, limit: 4096) }
}

extension SearchError: LocalizedError {
  /// The same text as ``description``.
  public var errorDescription: String? { description }
}
