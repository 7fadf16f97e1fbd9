/// Converts tokens written with `ByteToUnicode` to bytes, and the bytes of all tokens to text.
///
/// A token with a scalar outside `ByteToUnicode` is not converted. Bytes that are not UTF-8 become U+FFFD.
struct ByteLevelDecoding: DecodingStep {
  private var buffer = ByteBuffer()
  private var hasToken = false

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    if !ByteToUnicode.append(piece.bytes, to: &buffer.bytes) { buffer.bytes += piece.bytes }
    emit(buffer.takeWhole(), into: &result)
  }

  mutating func finish(into result: inout [TokenPiece]) {
    emit(buffer.bytes, into: &result)
    buffer.bytes = []
  }

  private mutating func emit(_ bytes: [UInt8], into result: inout [TokenPiece]) {
    guard !bytes.isEmpty else { return }
    let isText = bytes.allSatisfy { $0 < 0x80 }
    let text = isText ? bytes : Array(String(decoding: bytes, as: UTF8.self).utf8)
    result.append(TokenPiece(bytes: text, continuesToken: hasToken))
    hasToken = true
  }
}

/// A buffer of UTF-8 that may end in an incomplete scalar.
struct ByteBuffer {
  var bytes: [UInt8] = []

  /// Removes and returns all bytes, except an incomplete scalar at the end.
  mutating func takeWhole() -> [UInt8] {
    let kept = incompleteCount
    let whole = kept == 0 ? bytes : Array(bytes.dropLast(kept))
    bytes = kept == 0 ? [] : Array(bytes.suffix(kept))
    return whole
  }

  private var incompleteCount: Int {
    for count in 1...3 where count <= bytes.count {
      let byte = bytes[bytes.count - count]
      if byte & 0xC0 == 0x80 { continue }
      let length =
        switch byte {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
      guard count < length, count == 1 || isValid(byte, bytes[bytes.count - count + 1]) else {
        return 0
      }
      return count
    }
    return 0
  }

  /// Whether `second` may follow `first` in UTF-8.
  private func isValid(_ first: UInt8, _ second: UInt8) -> Bool {
    switch first {
    case 0xE0: second >= 0xA0
    case 0xED: second < 0xA0
    case 0xF0: second >= 0x90
    case 0xF4: second < 0x90
    default: true
    }
  }
}

/// Converts runs of byte tokens, such as `<0xE2>`, to text.
///
/// If a run is not UTF-8, each of its bytes becomes U+FFFD. So a run is held back until another token
/// follows.
struct ByteFallbackDecoding: DecodingStep {
  private var held: [UInt8] = []

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    if let byte = ByteTokens.byte(of: piece.bytes) {
      held.append(byte)
    } else {
      finish(into: &result)
      result.append(piece)
    }
  }

  mutating func finish(into result: inout [TokenPiece]) {
    guard !held.isEmpty else { return }
    if String(validating: held, as: UTF8.self) != nil {
      result.append(TokenPiece(bytes: held))
    } else {
      for _ in held { result.append(TokenPiece(bytes: [0xEF, 0xBF, 0xBD])) }
    }
    held = []
  }
}
