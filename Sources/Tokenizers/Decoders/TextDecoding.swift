/// Replaces each match of a pattern in a token by a string.
struct ReplaceDecoding: DecodingStep {
  let pattern: TextPattern
  let content: [UInt8]

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    result.append(TokenPiece(bytes: replaced(piece.bytes), continuesToken: piece.continuesToken))
  }

  func replaced(_ token: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var done = 0
    var hasMatch = false
    pattern.forEachMatch(in: token.span, 0..<token.count) { match in
      result += token[done..<match.lowerBound]
      result += content
      done = match.upperBound
      hasMatch = true
    }
    return hasMatch ? result + token[done...] : token
  }
}

/// Removes up to `start` copies of one scalar from the start of each token, and up to `stop` copies from
/// the end.
struct StripDecoding: DecodingStep {
  /// UTF-8 of the scalar.
  let content: [UInt8]
  let start: Int
  let stop: Int
  /// Copies that may still be removed from the start of the current token.
  private var left = 0
  /// Copies held back from the end of the current token.
  private var trailing = 0
  private var isOpen = false

  init(content: [UInt8], start: Int, stop: Int) {
    self.content = content
    self.start = start
    self.stop = stop
  }

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    if !piece.continuesToken || !isOpen {
      left = start
      trailing = 0
      isOpen = true
    }
    var bytes = piece.bytes[...]
    while left > 0, bytes.starts(with: content) {
      bytes.removeFirst(content.count)
      left -= 1
    }
    if !bytes.isEmpty { left = 0 }
    var whole: [UInt8] = []
    if stop > 0 {
      // Copies held back are no longer at the end of the token, unless this piece ends with more copies.
      whole = Array(repeatElement(content, count: trailing).joined())
      trailing = 0
      whole += bytes
      while trailing < stop, whole.suffix(content.count).elementsEqual(content) {
        whole.removeLast(content.count)
        trailing += 1
      }
    } else {
      whole = Array(bytes)
    }
    result.append(TokenPiece(bytes: whole, continuesToken: piece.continuesToken))
  }
}
