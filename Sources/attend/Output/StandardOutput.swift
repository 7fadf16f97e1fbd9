import Attention
import Foundation

/// Standard output, written in large pieces.
///
/// When its reader is gone, as in `attend … | head -1`, the system ends the process quietly.
enum StandardOutput {
  nonisolated(unsafe) private static var buffer: [UInt8] = []
  private static let capacity = 1 << 16

  /// Whether a person looks at it.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) != 0 }

  /// Whether text may be coloured: a terminal, unless `NO_COLOR` is set.
  static var isColored: Bool {
    isTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
  }

  /// Appends `text` and a line feed.
  static func line(_ text: String = "") throws {
    buffer.append(contentsOf: text.utf8)
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= capacity || isTerminal { try flush() }
  }

  /// Appends bytes as they are.
  static func write(_ bytes: UnsafeRawBufferPointer) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= capacity { try flush() }
  }

  /// Writes what has been kept back.
  static func flush() throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    try buffer.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
        let count = Foundation.write(STDOUT_FILENO, rest.baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          throw AttentionError.file(
            path: "standard output",
            reason: "cannot be written: \(String(cString: strerror(errno)))")
        }
        done += count
      }
    }
  }
}

/// Standard error: what is not a result.
enum StandardError {
  static var isTerminal: Bool { isatty(STDERR_FILENO) != 0 }

  static func write(_ text: String, terminator: String = "\n") {
    FileHandle.standardError.write(Data((text + terminator).utf8))
  }
}
