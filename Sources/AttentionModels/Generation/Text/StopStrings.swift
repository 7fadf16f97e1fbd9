/// Finds the first stop string in a streamed text.
///
/// Text that may be the beginning of a stop string is held back.
struct StopStrings: Sendable {
  private let strings: [(text: String, bytes: [UInt8])]
  /// The end of the text so far, if a stop string begins with it.
  private var held: [UInt8] = []

  init(_ strings: [String]) { self.strings = strings.map { ($0, Array($0.utf8)) } }

  /// Adds bytes; returns the text that is now final, and the stop string that the bytes complete, if any. If
  /// several stop strings end at the same byte, the longest one counts.
  ///
  /// - Complexity: O(bytes · length of the stop strings).
  mutating func append(_ bytes: some Sequence<UInt8>) -> (passed: [UInt8], match: String?) {
    guard !strings.isEmpty else { return (Array(bytes), nil) }
    for byte in bytes {
      held.append(byte)
      let complete = strings.filter { Self.ends(held, with: $0.bytes) }
      guard let match = complete.max(by: { $0.bytes.count < $1.bytes.count }) else { continue }
      let passed = Array(held.dropLast(match.bytes.count))
      held = []
      return (passed, match.text)
    }
    let passed = Array(held.dropLast(heldCount))
    held.removeFirst(passed.count)
    return (passed, nil)
  }

  /// Ends the text; returns the bytes that were held back.
  mutating func finish() -> [UInt8] {
    defer { held = [] }
    return held
  }

  /// The number of bytes at the end that may be the beginning of a stop string.
  private var heldCount: Int {
    strings.map { string in
      let longest = min(string.bytes.count - 1, held.count)
      return (0...max(longest, 0)).last { held.suffix($0).elementsEqual(string.bytes.prefix($0)) }
        ?? 0
    }
    .max() ?? 0
  }

  private static func ends(_ text: [UInt8], with end: [UInt8]) -> Bool {
    text.last == end.last && text.count >= end.count && text.suffix(end.count).elementsEqual(end)
  }
}
