/// Takes out the spaces that some tokenizers leave before punctuation, as text comes.
///
/// - Source: Hugging Face `transformers`, `clean_up_tokenization`.
struct SpaceCleanup: Sendable {
  private var steps = [
    Replacement(" .", "."), Replacement(" ?", "?"), Replacement(" !", "!"), Replacement(" ,", ","),
    Replacement(" ' ", "'"), Replacement(" n't", "n't"), Replacement(" 'm", "'m"),
    Replacement(" 's", "'s"), Replacement(" 've", "'ve"), Replacement(" 're", "'re"),
  ]

  /// What is certain of the text now.
  mutating func append(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for index in steps.indices { bytes = steps[index].append(bytes) }
    return bytes
  }

  /// What was held back, no more text coming.
  mutating func finish() -> [UInt8] {
    var bytes: [UInt8] = []
    for index in steps.indices {
      bytes = steps[index].append(bytes) + steps[index].finish()
    }
    return bytes
  }

  /// Replaces a string wherever it occurs, from left to right.
  private struct Replacement: Sendable {
    let pattern: [UInt8]
    let content: [UInt8]
    /// The end of the text that the pattern begins with.
    private var held: [UInt8] = []

    init(_ pattern: String, _ content: String) {
      self.pattern = Array(pattern.utf8)
      self.content = Array(content.utf8)
    }

    mutating func append(_ bytes: [UInt8]) -> [UInt8] {
      var result: [UInt8] = []
      for byte in bytes {
        held.append(byte)
        // What cannot become the pattern any more goes on, from its first byte.
        while !held.isEmpty, !pattern.starts(with: held) { result.append(held.removeFirst()) }
        if held.count == pattern.count {
          result += content
          held = []
        }
      }
      return result
    }

    mutating func finish() -> [UInt8] {
      defer { held = [] }
      return held
    }
  }
}
