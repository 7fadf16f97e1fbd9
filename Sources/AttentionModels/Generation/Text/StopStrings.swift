/// Finds the first of some strings that a growing text completes, however the text is cut into pieces.
///
/// Nothing is let through that a stop string may turn out to begin with.
struct StopStrings: Sendable {
  private let strings: [(text: String, bytes: [UInt8])]
  /// The end of the text so far that a stop string begins with.
  private var held: [UInt8] = []

  init(_ strings: [String]) { self.strings = strings.map { ($0, Array($0.utf8)) } }

  /// What is certain to stand before any stop string, now that there is more text; and the stop string
  /// that it completes, if it does. Of several complete in the same place the longest counts.
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

  /// What was held back, no more text coming.
  mutating func finish() -> [UInt8] {
    defer { held = [] }
    return held
  }

  /// How many bytes at the end may be the beginning of a stop string.
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
