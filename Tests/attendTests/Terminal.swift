import Foundation

/// A pseudo-terminal, to test the output of a process on a terminal.
final class Terminal {
  static let isAvailable = access("/dev/ptmx", R_OK | W_OK) == 0

  private let primary: Int32
  let handle: FileHandle

  init(columns: UInt16) throws {
    primary = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    // Linux's TIOCSPTLCK and TIOCGPTN: unlock the secondary side and get its number.
    var (lock, number): (Int32, Int32) = (0, 0)
    guard primary >= 0, ioctl(primary, 0x4004_5431, &lock) == 0,
      ioctl(primary, 0x8004_5430, &number) == 0
    else { throw CocoaError(.fileNoSuchFile) }
    let secondary = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    guard secondary >= 0 else { throw CocoaError(.fileNoSuchFile) }
    handle = FileHandle(fileDescriptor: secondary, closeOnDealloc: true)
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(secondary, UInt(TIOCSWINSZ), &size)
  }

  deinit { close(primary) }

  /// Types text, as on a keyboard.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(primary, bytes, bytes.count)
  }

  /// The output since the last call; lines end with "\r\n". The kernel buffers a few kilobytes.
  func text() -> String {
    _ = fcntl(primary, F_SETFL, O_NONBLOCK)
    var shown: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(primary, &piece, piece.count)
      guard count > 0 else { break }
      shown += piece[..<count]
    }
    return String(decoding: shown, as: UTF8.self)
  }

  /// The lines of ``text()``.
  func lines() -> [String] {
    text().split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
  }
}
