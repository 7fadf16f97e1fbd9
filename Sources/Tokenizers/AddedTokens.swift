/// A token that is found in the text itself, before a model sees it.
struct AddedToken: Sendable, Hashable {
  var content: String
  /// The id, which `AddedTokenList` assigns.
  var id: Int32
  /// Only found where no letter, digit or mark touches it.
  var isSingleWord = false
  /// Takes the white space before it along.
  var stripsLeft = false
  /// Takes the white space after it along.
  var stripsRight = false
  /// Looked for in the normalized text, in its own normalized form.
  var isNormalized = false
  var isSpecial = false
}

/// Finds added tokens in a text: the leftmost first, and of those the longest.
struct AddedTokenMatcher: Sendable {
  /// A part of the text: an added token, or what stands between two.
  struct Part {
    var range: Range<Int>
    var token: AddedToken?
  }

  /// Whether special tokens are passed over, so that they become pieces like any other text.
  private let skipsSpecialTokens: Bool
  private var trie = ByteTrie()
  private var tokens: [AddedToken] = []

  init(skipsSpecialTokens: Bool = false) { self.skipsSpecialTokens = skipsSpecialTokens }

  var isEmpty: Bool { tokens.isEmpty }

  /// Adds `token`, to be found as `form`. A form that is there already keeps its first token.
  mutating func add(_ token: AddedToken, form: [UInt8]) {
    guard trie.insert(form, value: Int32(tokens.count)) else { return }
    tokens.append(token)
  }

  /// All parts that are not empty, in the order of the text.
  func parts(of bytes: [UInt8]) -> [Part] {
    guard !bytes.isEmpty else { return [] }
    guard !tokens.isEmpty else { return [Part(range: 0..<bytes.count)] }
    var parts: [Part] = []
    var done = 0
    /// The end of the last run of white space that was taken along.
    var spaceEnd = 0
    var index = 0
    while index < bytes.count {
      guard trie.hasString(startingWith: bytes[index]) else {
        index += 1
        continue
      }
      let match = trie.longestMatch(in: bytes, from: index, to: bytes.count)
      guard match.value != ByteTrie.none else {
        index += 1
        continue
      }
      var range = index..<match.end
      index = match.end
      let token = tokens[Int(match.value)]
      if skipsSpecialTokens, token.isSpecial { continue }
      if token.isSingleWord, Self.touchesWord(bytes, range) { continue }
      if token.stripsLeft {
        var start = range.lowerBound
        while start > done, let space = Self.spaceStart(bytes, endingAt: start) { start = space }
        // White space that a token before has taken along is gone.
        start = max(start, done)
        guard start < range.upperBound else { continue }
        range = start..<range.upperBound
      }
      if token.stripsRight {
        var end = max(range.upperBound, spaceEnd)
        while let next = Self.spaceEnd(bytes, startingAt: end) { end = next }
        spaceEnd = end
        range = range.lowerBound..<end
      }
      if done < range.lowerBound { parts.append(Part(range: done..<range.lowerBound)) }
      parts.append(Part(range: range, token: token))
      done = range.upperBound
    }
    if done < bytes.count { parts.append(Part(range: done..<bytes.count)) }
    return parts
  }

  private static func touchesWord(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    let unicode = UnicodeData.shared
    if range.lowerBound > 0 {
      let before = startOfScalar(bytes, endingAt: range.lowerBound)
      let scalar = decodeScalar(bytes, at: before).scalar
      if unicode[scalar].properties.contains(.word) { return true }
    }
    guard range.upperBound < bytes.count else { return false }
    let scalar = decodeScalar(bytes, at: range.upperBound).scalar
    return unicode[scalar].properties.contains(.word)
  }

  /// The start of the white space that ends at `end`, if one does.
  private static func spaceStart(_ bytes: [UInt8], endingAt end: Int) -> Int? {
    guard end > 0 else { return nil }
    let start = startOfScalar(bytes, endingAt: end)
    let scalar = decodeScalar(bytes, at: start).scalar
    return UnicodeData.shared[scalar].properties.contains(.whitespace) ? start : nil
  }

  private static func spaceEnd(_ bytes: [UInt8], startingAt start: Int) -> Int? {
    guard start < bytes.count else { return nil }
    let (scalar, count) = decodeScalar(bytes, at: start)
    return UnicodeData.shared[scalar].properties.contains(.whitespace) ? start + count : nil
  }
}
