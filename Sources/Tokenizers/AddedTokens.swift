/// A token that is matched in the text before the model tokenizes the rest.
struct AddedToken: Sendable, Hashable {
  var content: String
  /// Assigned by `AddedTokenList`.
  var id: Int32
  /// The token matches only if no word character (`\w`) is next to the match.
  var isSingleWord = false
  /// The match includes the white space before it.
  var stripsLeft = false
  /// The match includes the white space after it.
  var stripsRight = false
  /// If true, the normalized form of the token is matched in the normalized text; if false, its content is
  /// matched in the original text.
  var isNormalized = false
  var isSpecial = false
}

/// Finds added tokens in a text: the leftmost match, and the longest one if several tokens match there.
struct AddedTokenMatcher: Sendable {
  /// A part of the text: an added token, or text between added tokens (`token` is nil).
  struct Part {
    var range: Range<Int>
    var token: AddedToken?
  }

  /// If true, special tokens are not matched: the model tokenizes them like other text.
  private let skipsSpecialTokens: Bool
  private let forms: ByteTrie
  /// The token of each form.
  private let tokens: [AddedToken]

  /// - Parameter tokens: each token with its form, which is matched in texts. If two tokens have the same form, the
  ///   first one counts.
  init(_ tokens: [(token: AddedToken, form: [UInt8])], skipsSpecialTokens: Bool = false) {
    var forms = ByteStrings()
    for token in tokens { forms.append(token.form) }
    self.forms = ByteTrie(forms, keeping: .first)
    self.tokens = tokens.map(\.token)
    self.skipsSpecialTokens = skipsSpecialTokens
  }

  /// The memory of the trie and the tokens.
  var byteCount: Int { forms.byteCount + MemoryLayout<AddedToken>.stride * tokens.count }

  /// Splits the text into nonempty parts, in order.
  func parts(of bytes: [UInt8]) -> [Part] {
    guard !bytes.isEmpty else { return [] }
    guard forms.count > 0 else { return [Part(range: 0..<bytes.count)] }
    var parts: [Part] = []
    var done = 0
    /// The end of the white space that the last match with `stripsRight` includes.
    var spaceEnd = 0
    var index = 0
    var cancellation = CancellationSteps()
    while index < bytes.count, !cancellation.isRequested() {
      guard forms.hasString(startingWith: bytes[index]) else {
        index += 1
        continue
      }
      let match = forms.longestMatch(
        in: bytes.span, from: index, to: bytes.count, after: forms.root)
      guard match.string != ByteTrie.none else {
        index += 1
        continue
      }
      var range = index..<match.end
      index = match.end
      let token = tokens[Int(match.string)]
      if skipsSpecialTokens, token.isSpecial { continue }
      if token.isSingleWord, Self.touchesWord(bytes, range) { continue }
      if token.stripsLeft {
        var start = range.lowerBound
        while start > done, let space = Self.spaceStart(bytes, endingAt: start) { start = space }
        // White space that belongs to the previous match is not shared.
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

  /// The start of the white-space scalar that ends at `end`; nil if another scalar ends there.
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
