/// Removes the spaces that some tokenizers leave before punctuation, in a streamed text.
///
/// - Source: Hugging Face `transformers`, `clean_up_tokenization`.
struct SpaceCleanup: Sendable {
  private var steps = [
    Replacement(" .", "."), Replacement(" ?", "?"), Replacement(" !", "!"), Replacement(" ,", ","),
    Replacement(" ' ", "'"), Replacement(" n't", "n't"), Replacement(" 'm", "'m"),
    Replacement(" 's", "'s"), Replacement(" 've", "'ve"), Replacement(" 're", "'re"),
  ]

  /// Adds bytes of the text; returns the bytes that are now final.
  mutating func append(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for index in steps.indices { bytes = steps[index].append(bytes) }
    return bytes
  }

  /// Ends the text; returns the bytes that were held back.
  mutating func finish() -> [UInt8] {
    var bytes: [UInt8] = []
    for index in steps.indices {
      bytes = steps[index].append(bytes) + steps[index].finish()
    }
    return bytes
  }

  /// Replaces each occurrence of a string, from left to right.
  private struct Replacement: Sendable {
    let pattern: [UInt8]
    let content: [UInt8]
    /// The end of the text so far, if the pattern begins with it.
    private var held: [UInt8] = []

    init(_ pattern: String, _ content: String) {
      self.pattern = Array(pattern.utf8)
      self.content = Array(content.utf8)
    }

    mutating func append(_ bytes: [UInt8]) -> [UInt8] {
      var result: [UInt8] = []
      for byte in bytes {
        held.append(byte)
        // Release bytes from the front until the rest may be the beginning of the pattern.
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
