import Foundation

/// Whether a terminal is dark or light.
enum TerminalBackground {
  case dark, light

  /// The background of the terminal of this process; nil if it is unknown.
  ///
  /// `COLORFGBG`, which some terminals set, ends with the number of the background color; other terminals are asked.
  static let current: TerminalBackground? = {
    guard StandardOutput.isColored else { return nil }
    if let colors = ProcessInfo.processInfo.environment["COLORFGBG"],
      let number = colors.split(separator: ";").last.flatMap({ Int($0) })
    {
      return number == 7 || (9...15).contains(number) ? .light : .dark
    }
    return reply().flatMap(background)
  }()

  /// The terminal's answer to a question for its background color.
  ///
  /// - Source: XTerm Control Sequences, "OSC 11".
  private static func reply() -> String? {
    let terminal = open("/dev/tty", O_RDWR | O_NOCTTY)
    guard terminal >= 0 else { return nil }
    defer { close(terminal) }
    var settings = termios()
    guard tcgetattr(terminal, &settings) == 0 else { return nil }
    let original = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    guard tcsetattr(terminal, TCSANOW, &settings) == 0 else { return nil }
    defer { withUnsafePointer(to: original) { _ = tcsetattr(terminal, TCSANOW, $0) } }
    let question = Array("\u{1B}]11;?\u{7}".utf8)
    guard write(terminal, question, question.count) == question.count else { return nil }
    var answer: [UInt8] = []
    while answer.count < 64, answer.last != 7, !answer.suffix(2).elementsEqual([0x1B, 0x5C]) {
      var state = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
      var byte: UInt8 = 0
      // A terminal that does not know the question is silent.
      guard poll(&state, 1, 100) == 1, read(terminal, &byte, 1) == 1 else { return nil }
      answer.append(byte)
    }
    return String(decoding: answer, as: UTF8.self)
  }

  /// The background in an answer such as `]11;rgb:ffff/ffff/ffff`.
  static func background(_ answer: String) -> TerminalBackground? {
    guard let colors = answer.firstMatch(of: /rgb:([0-9a-fA-F]+)\/([0-9a-fA-F]+)\/([0-9a-fA-F]+)/)
    else { return nil }
    let parts = [colors.output.1, colors.output.2, colors.output.3].map { digits in
      Double(Int(digits, radix: 16) ?? 0) / (pow(16, Double(digits.count)) - 1)
    }
    // The luminance of ITU-R BT.709.
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] > 0.5 ? .light : .dark
  }
}
