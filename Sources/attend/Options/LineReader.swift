import Attention
import AttentionModels
import Foundation

/// Reads a file, a pipe or standard input line by line.
final class LineReader {
  private let name: String
  private let descriptor: Int32
  private let byteCount: Int?
  private var buffer: [UInt8] = []
  private var position = 0
  private var readCount = 0
  private var isAtEnd = false
  private var lineNumber = 0

  /// Opens the file at `path`; `-` is standard input.
  init(path: String) throws {
    name = path == "-" ? "standard input" : printable(path, limit: 4096)
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError(path: path) }
    var status = stat()
    let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    byteCount = isRegular ? Int(status.st_size) : nil
  }

  deinit {
    if descriptor != STDIN_FILENO { close(descriptor) }
  }

  /// The fraction of the file that has been read; nil if its size is unknown.
  var share: Double? {
    byteCount.map { byteCount in
      byteCount == 0 ? 1 : min(1, Double(readCount - buffer.count + position) / Double(byteCount))
    }
  }

  /// The bytes of the next line without its line ending (LF or CR LF); nil after the last line.
  func next() throws -> ArraySlice<UInt8>? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        return line(upTo: end, next: end + 1)
      }
      searched = buffer.count
      guard !isAtEnd else {
        return position < buffer.count ? line(upTo: buffer.count, next: buffer.count) : nil
      }
      searched -= position
      if position > 0 { buffer.removeFirst(position) }
      position = 0
      try fill()
    }
  }

  /// The line as text.
  ///
  /// - Throws: `ModelError.text` with the line number if the line is not UTF-8.
  func text(of line: ArraySlice<UInt8>) throws -> String {
    guard let text = String(validating: line, as: UTF8.self) else { throw failure("not UTF-8") }
    return text
  }

  /// An error about the line that was read last.
  func failure(_ reason: String) -> ModelError {
    .text("\(name), line \(lineNumber)", reason: reason)
  }

  private func line(upTo end: Int, next: Int) -> ArraySlice<UInt8> {
    var line = buffer[position..<end]
    position = next
    lineNumber += 1
    // Skip a byte order mark at the start of the file.
    if lineNumber == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
    return line.last == UInt8(ascii: "\r") && next > end ? line.dropLast() : line
  }

  private func fill() throws {
    let capacity = 1 << 16
    // The buffer of a long line grows by doubling. The caller keeps the lines: check each time.
    try requireMemory(
      byteCount: max(ProcessMemory.leastByteCount, 2 * buffer.count),
      purpose: "the text of \(name)")
    var piece = [UInt8](repeating: 0, count: capacity)
    while true {
      let count = read(descriptor, &piece, capacity)
      if count < 0 {
        if errno == EINTR { continue }
        throw systemError(path: name)
      }
      isAtEnd = count == 0
      buffer.append(contentsOf: piece[..<count])
      readCount += count
      return
    }
  }
}
