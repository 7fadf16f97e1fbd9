/// Writes a string wherever a pattern matches in a token.
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

/// Takes up to so many of one character away from the start and the end of every token.
struct StripDecoding: DecodingStep {
  /// UTF-8 of one scalar.
  let content: [UInt8]
  let start: Int
  let stop: Int
  /// How many may still go from the start of the token that is coming in.
  private var left = 0
  /// How many stand at the end of what came of it.
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
      // What was held back is not at the end, unless this is more of the same.
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
