/// A hash table of the words of one text that are already tokenized, with the positions of their tokens.
///
/// Most words of a long text occur more than once. Each text has a separate cache, so no lock is needed.
struct WordCache {
  private struct Entry {
    var hash: UInt64 = 0
    var start: Int32 = 0
    /// 0: free slot.
    var length: Int32 = 0
    var firstToken: Int32 = 0
    var tokenCount: Int32 = 0
  }

  private var entries: [Entry]
  private let mask: Int
  /// Random per process, so that a hostile text cannot cause collisions.
  private static let seed = UInt64.random(in: .min ... .max)

  private static let lengthLimit = 64
  private static let probeLimit = 4

  init(wordCount: Int) {
    var size = 16
    while size < wordCount, size < 1 << 15 { size *= 2 }
    entries = Array(repeating: Entry(), count: size)
    mask = size - 1
  }

  /// Appends the tokens of `word`: copies them from an equal earlier word, or calls `body` to append them.
  @inline(__always)
  mutating func tokenize(
    _ word: Range<Int>, of bytes: Span<UInt8>, into tokens: inout [ModelToken],
    _ body: (inout [ModelToken]) -> Void
  ) {
    guard word.count <= Self.lengthLimit else { return body(&tokens) }
    let hash = hash(bytes, word)
    var slot = Int(truncatingIfNeeded: hash >> 32) & mask
    for _ in 0..<Self.probeLimit {
      let entry = entries[slot]
      if entry.length == 0 { break }
      if entry.hash == hash, Int(entry.length) == word.count,
        isEqual(bytes, Int(entry.start), word)
      {
        let shift = Int32(truncatingIfNeeded: word.lowerBound) - entry.start
        for index in Int(entry.firstToken)..<Int(entry.firstToken + entry.tokenCount) {
          var token = tokens[index]
          token.start += shift
          token.end += shift
          tokens.append(token)
        }
        return
      }
      slot = (slot + 1) & mask
    }
    let first = tokens.count
    body(&tokens)
    entries[slot] = Entry(
      hash: hash, start: Int32(truncatingIfNeeded: word.lowerBound),
      length: Int32(truncatingIfNeeded: word.count), firstToken: Int32(truncatingIfNeeded: first),
      tokenCount: Int32(truncatingIfNeeded: tokens.count - first))
  }

  @inline(__always)
  private func hash(_ bytes: Span<UInt8>, _ word: Range<Int>) -> UInt64 {
    var hash = Self.seed
    var index = word.lowerBound
    while index < word.upperBound {
      hash = (hash ^ UInt64(bytes[index])) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
      index += 1
    }
    return hash
  }

  @inline(__always)
  private func isEqual(_ bytes: Span<UInt8>, _ start: Int, _ word: Range<Int>) -> Bool {
    for offset in 0..<word.count where bytes[start + offset] != bytes[word.lowerBound + offset] {
      return false
    }
    return true
  }
}
