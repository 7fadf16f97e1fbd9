import Attention
import Foundation
import Synchronization

/// Standard output, written in large pieces.
enum StandardOutput {
  /// Nobody reads any more, as in `attend … | head -1`: not worth a word.
  struct ReaderIsGone: Error {}

  private static let buffer = Mutex<[UInt8]>([])
  /// Whether a terminal shows a line that has not ended.
  private static let isInsideLine = Atomic(false)
  private static let capacity = 1 << 16

  /// Whether a person looks at it.
  static let isTerminal = isatty(STDOUT_FILENO) != 0

  /// Whether text may be coloured: a terminal that can, unless `NO_COLOR` is set.
  static var isColored: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  /// The width of the terminal; nil when it is none, or does not say.
  static var columns: Int? { isTerminal ? terminalWidth(STDOUT_FILENO) : nil }

  /// Appends `text` and a line feed.
  ///
  /// - Throws: `ReaderIsGone`, or `AttentionError.file` when what was kept back cannot be written.
  static func line(_ text: String = "") throws {
    try append(isWhole: isTerminal) {
      $0.append(contentsOf: text.utf8)
      $0.append(UInt8(ascii: "\n"))
    }
  }

  /// Appends a part of a line, or its end; a terminal shows it at once.
  ///
  /// - Throws: as `line(_:)` does.
  static func piece(_ text: String) throws {
    guard !text.isEmpty else { return }
    try append(isWhole: isTerminal) {
      if isTerminal { isInsideLine.store(text.last?.isNewline != true, ordering: .relaxed) }
      $0.append(contentsOf: text.utf8)
    }
  }

  /// Ends a line that a terminal shows a part of, so that what others write begins a new one. Takes no
  /// lock, and does not wait for a terminal that has been stopped.
  static func endLine() {
    guard isInsideLine.exchange(false, ordering: .relaxed) else { return }
    var terminal = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&terminal, 1, 0) == 1 else { return }
    _ = "\n".utf8.withContiguousStorageIfAvailable {
      writeAll(UnsafeRawBufferPointer($0), to: STDOUT_FILENO)
    }
  }

  /// Ends a line that a terminal shows a part of, and then the process: no piece comes in between. Who is
  /// still writing is waited for, but not who writes to a terminal that has been stopped.
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

  /// Appends bytes as they are.
  ///
  /// - Throws: as `line(_:)` does.
  static func write(_ bytes: UnsafeRawBufferPointer) throws {
    try append(isWhole: false) { $0.append(contentsOf: bytes) }
  }

  /// Writes what has been kept back.
  ///
  /// - Throws: as `line(_:)` does.
  static func flush() throws {
    try append(isWhole: true) { _ in }
  }

  private static func append(isWhole: Bool, _ body: (inout [UInt8]) -> Void) throws {
    try buffer.withLock { buffer in
      body(&buffer)
      guard isWhole || buffer.count >= capacity else { return }
      // What could not be written once is not tried again.
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

/// Standard error: what is not a result.
enum StandardError {
  static let isTerminal = isatty(STDERR_FILENO) != 0

  /// The width of the terminal; nil when it is none, or does not say.
  static var columns: Int? { isTerminal ? terminalWidth(STDERR_FILENO) : nil }

  /// Writes `text` if that is possible: a failure to complain is nothing to complain about.
  static func write(_ text: String, terminator: String = "\n") {
    _ = Array((text + terminator).utf8).withUnsafeBytes { writeAll($0, to: STDERR_FILENO) }
  }
}

enum StandardInput {
  /// Whether a person would have to type it.
  static let isTerminal = isatty(STDIN_FILENO) != 0
}

enum StandardStreams {
  /// Puts something in the place of standard streams that are closed.
  ///
  /// Else the next file to be opened would take that place, and messages would go into it. Each gets
  /// what cannot be used in its direction, so that using it is an error still.
  static func prepare() {
    for (descriptor, mode) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ] where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest number that is free: `descriptor`.
      _ = open("/dev/null", mode)
    }
  }
}

private func terminalWidth(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}
