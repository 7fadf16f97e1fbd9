import Foundation

/// An error of a computation, an array or a file.
///
/// Each case names the argument, file or value at fault. The message contains the shapes and sizes.
public enum AttentionError: Error, Hashable, Sendable {
  /// A tensor of the wrong shape: the argument's name, the expected shape, the actual shape.
  case shape(argument: String, expected: String, got: Shape)
  /// Another invalid argument: its name and the reason.
  case argument(String, reason: String)
  /// A size, or a product of sizes, that overflows its integer type.
  case overflow(String)
  /// An allocation that the system refused: its size and its purpose.
  case memory(byteCount: Int, purpose: String)
  /// A file that cannot be read, written or parsed: its path and the reason.
  case file(path: String, reason: String)
}

extension AttentionError: CustomStringConvertible {
  /// A one-line message: the argument or file at fault, then the reason. Control characters in names are escaped,
  /// and very long texts are cut.
  public var description: String {
    switch self {
    case .shape(let argument, let expected, let got):
      "\(shown(argument)): expected \(shown(expected)), got shape \(got)"
    case .argument(let name, let reason):
      "\(shown(name)): \(shown(reason))"
    case .overflow(let what):
      "overflow: \(shown(what))"
    case .memory(let byteCount, let purpose):
      "not enough memory: cannot allocate \(byteCount) bytes for \(shown(purpose))"
    case .file(let path, let reason):
      "\(shownPath(path)): \(shown(reason))"
    }
  }
}

extension AttentionError: LocalizedError {
  /// The same text as ``description``.
  public var errorDescription: String? { description }
}

/// The reason of an error. Its parts are already printable; this is for parts that were forgotten.
func shown(_ reason: String) -> String { printable(reason, limit: 4096) }

/// The path of an error. The limit is the longest path of Linux.
func shownPath(_ path: String) -> String { printable(path, limit: 4096) }
