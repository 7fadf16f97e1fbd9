import Foundation

/// Why a computation, an array or a file was refused.
///
/// Every case names the thing at fault; shapes and sizes are part of the text.
public enum AttentionError: Error, Hashable, Sendable {
  /// A tensor whose shape does not fit: the argument's name, what was needed, what was given.
  case shape(argument: String, expected: String, got: Shape)
  /// Any other argument that makes no sense: its name and why.
  case argument(String, reason: String)
  /// A size that does not fit into the integers it must be computed in.
  case overflow(String)
  /// Memory that the system did not grant.
  case memory(byteCount: Int, purpose: String)
  /// A file that cannot be read, written or understood: its path and why.
  case file(path: String, reason: String)
}

extension AttentionError: CustomStringConvertible {
  /// One line for a person: the name of the thing at fault first, then what is wrong with it.
  public var description: String {
    switch self {
    case .shape(let argument, let expected, let got):
      "\(argument): expected \(expected), got shape \(got)"
    case .argument(let name, let reason):
      "\(name): \(reason)"
    case .overflow(let what):
      "overflow: \(what)"
    case .memory(let byteCount, let purpose):
      "memory: \(byteCount) bytes for \(purpose) are not to be had"
    case .file(let path, let reason):
      "\(path): \(reason)"
    }
  }
}

extension AttentionError: LocalizedError {
  /// The same line as `description`.
  public var errorDescription: String? { description }
}
