import Attention
import Foundation
import Synchronization

/// Buffered standard output.
enum StandardOutput {
  /// The reader has closed the pipe, as in `attend … | head -1`. The process then ends without a message.
  struct ReaderIsGone: Error {}

  private static let buffer = Mutex<[UInt8]>([])
  /// Whether the terminal shows an unfinished line.
  private static let isInsideLine = Atomic(false)
  private static let capacity = 1 << 16

  static let isTerminal = isatty(STDOUT_FILENO) != 0

  /// Whether to use colors: on a terminal that supports them, unless `NO_COLOR` is set.
  static var isColored: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  /// The width of the terminal; nil if this is not a terminal or its width is unknown.
  static var columns: Int? { isTerminal ? terminalWidth(STDOUT_FILENO) : nil }

  /// Appends `text` and a line feed.
  ///
  /// - Throws: `ReaderIsGone`; `AttentionError.file` if the buffer cannot be written.
  static func line(_ text: String = "") throws {
    try append(isWhole: isTerminal) {
      $0.append(contentsOf: text.utf8)
      $0.append(UInt8(ascii: "\n"))
    }
  }

  /// Appends text without a line feed. A terminal shows it at once.
  ///
  /// - Throws: as `line(_:)` does.
  static func piece(_ text: String) throws {
    guard !text.isEmpty else { return }
    try append(isWhole: isTerminal) {
      if isTerminal { isInsideLine.store(text.last?.isNewline != true, ordering: .relaxed) }
      $0.append(contentsOf: text.utf8)
    }
  }

  /// Ends an unfinished line on the terminal, so that a message starts on a new line. Takes no lock, and
  /// does not wait for a terminal that has been stopped.
  static func endLine() {
    guard isInsideLine.exchange(false, ordering: .relaxed) else { return }
    var terminal = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&terminal, 1, 0) == 1 else { return }
    _ = "\n".utf8.withContiguousStorageIfAvailable {
      writeAll(UnsafeRawBufferPointer($0), to: STDOUT_FILENO)
    }
  }

  /// Ends an unfinished line on the terminal and then the process, with no output in between. Waits up to
  /// 0.1 s for a thread that is writing, which may be blocked by a stopped terminal.
  static func endLine(exiting status: Int32) -> Never {
    for _ in 0..<100 {
      buffer.withLockIfAvailable { _ in
        endLine()
        _exit(status)
      }
      usleep(1_000)
    }
    _exit(status)
  }

  /// Appends bytes without changing them.
  ///
  /// - Throws: as `line(_:)` does.
  static func write(_ bytes: UnsafeRawBufferPointer) throws {
    try append(isWhole: false) { $0.append(contentsOf: bytes) }
  }

  /// Writes the buffer.
  ///
  /// - Throws: as `line(_:)` does.
  static func flush() throws {
    try append(isWhole: true) { _ in }
  }

  private static func append(isWhole: Bool, _ body: (inout [UInt8]) -> Void) throws {
    try buffer.withLock { buffer in
      body(&buffer)
      guard isWhole || buffer.count >= capacity else { return }
      // After an error, the buffer is discarded, so that it is not written again.
      defer { buffer.removeAll(keepingCapacity: true) }
      try buffer.withUnsafeBytes { bytes in
        guard let error = writeAll(bytes, to: STDOUT_FILENO) else { return }
        if error == EPIPE { throw ReaderIsGone() }
        throw AttentionError.file(
          path: "standard output", reason: "cannot be written: \(String(cString: strerror(error)))")
      }
    }
  }
}

/// Standard error, for everything that is not a result.
enum StandardError {
  static let isTerminal = isatty(STDERR_FILENO) != 0

  /// The width of the terminal; nil if this is not a terminal or its width is unknown.
  static var columns: Int? { isTerminal ? terminalWidth(STDERR_FILENO) : nil }

  /// Writes `text`. Errors are ignored, because there is nowhere to report them.
  static func write(_ text: String, terminator: String = "\n") {
    _ = Array((text + terminator).utf8).withUnsafeBytes { writeAll($0, to: STDERR_FILENO) }
  }
}

enum StandardInput {
  static let isTerminal = isatty(STDIN_FILENO) != 0
}

enum StandardStreams {
  /// Opens /dev/null for each standard stream that is closed.
  ///
  /// Otherwise the next opened file would get the descriptor of the stream, and messages would be written to
  /// that file. /dev/null is opened in the wrong direction, so that using the stream is still an error.
  static func prepare() {
    for (descriptor, mode) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ] where fcntl(descriptor, F_GETFD) < 0 {
      // `open` returns the lowest free descriptor, which is `descriptor`.
      _ = open("/dev/null", mode)
    }
  }
}

private func terminalWidth(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}
