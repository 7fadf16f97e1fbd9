/// WordPiece decoder: removes `prefix` from each token that starts with it, and puts a space before each
/// other token. The first token does not change.
struct WordPieceDecoding: DecodingStep {
  let prefix: [UInt8]
  /// Whether to remove spaces before punctuation: `cleanup`.
  let cleansUp: Bool
  private var isFirst = true

  init(prefix: [UInt8], cleansUp: Bool) {
    self.prefix = prefix
    self.cleansUp = cleansUp
  }

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    var bytes = piece.bytes
    if !isFirst {
      if bytes.starts(with: prefix) {
        bytes.removeFirst(prefix.count)
      } else {
        bytes.insert(0x20, at: 0)
      }
    }
    isFirst = false
    if cleansUp { bytes = Self.cleanedUp(bytes) }
    result.append(TokenPiece(bytes: bytes))
  }

  private static let replacements: [([UInt8], [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

  private static func cleanedUp(_ token: [UInt8]) -> [UInt8] {
    guard token.contains(0x20) else { return token }
    return replacements.reduce(token) { token, replacement in
      let step = ReplaceDecoding(pattern: .literal(replacement.0), content: replacement.1)
      return step.replaced(token)
    }
  }
}

/// Replaces the end-of-word suffix by a space, or by nothing in the last token.
struct SuffixDecoding: DecodingStep {
  let suffix: [UInt8]
  private var held: [UInt8]?

  init(suffix: [UInt8]) { self.suffix = suffix }

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    emit([0x20], into: &result)
    held = piece.bytes
  }

  mutating func finish(into result: inout [TokenPiece]) {
    emit([], into: &result)
    held = nil
  }

  private func emit(_ content: [UInt8], into result: inout [TokenPiece]) {
    guard let held else { return }
    let step = ReplaceDecoding(pattern: .literal(suffix), content: content)
    result.append(TokenPiece(bytes: step.replaced(held)))
  }
}

/// Replaces "▁" by a space; with `dropsFirst`, removes "▁" from the first token, where `Metaspace` prepended
/// it.
struct MetaspaceDecoding: DecodingStep {
  let replacement: [UInt8]
  let dropsFirst: Bool
  private var tokenCount = 0

  init(replacement: [UInt8], dropsFirst: Bool) {
    self.replacement = replacement
    self.dropsFirst = dropsFirst
  }

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    if !piece.continuesToken || tokenCount == 0 { tokenCount += 1 }
    let content: [UInt8] = tokenCount == 1 && dropsFirst ? [] : [0x20]
    let step = ReplaceDecoding(pattern: .literal(replacement), content: content)
    result.append(
      TokenPiece(bytes: step.replaced(piece.bytes), continuesToken: piece.continuesToken))
  }
}
