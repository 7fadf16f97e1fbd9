/// Writes a string wherever a pattern matches.
struct ReplaceNormalizer: Normalizer {
  let pattern: TextPattern
  /// UTF-8.
  let content: [UInt8]

  func normalize(_ text: inout NormalizedText) {
    if case .literal(let letters) = pattern, letters.count == 1 {
      text = replaced(text, byte: letters[0])
    } else if let replaced = replaced(text) {
      text = replaced
    }
  }

  /// The same for a pattern of one byte, as spaces are, which stand everywhere.
  private func replaced(_ text: NormalizedText, byte: UInt8) -> NormalizedText {
    var result = NormalizedText()
    result.reserveCapacity(text.bytes.count + text.bytes.count / 2)
    for index in text.bytes.indices where result.bytes.count <= NormalizedText.lengthLimit {
      if text.bytes[index] == byte {
        for byte in content { result.append(byte, origin: text.origins[index]) }
      } else {
        result.append(text.bytes[index], origin: text.origins[index])
      }
    }
    return result
  }

  /// nil where the pattern does not match.
  private func replaced(_ text: NormalizedText) -> NormalizedText? {
    var result = NormalizedText()
    var done = 0
    var index = 0
    let bytes = text.bytes.span
    let isByte = content.count == 1
    while index < bytes.count,
      let match = pattern.nextMatch(in: bytes, from: index, to: bytes.count)
    {
      // Too long already, which will be told.
      if result.bytes.count > NormalizedText.lengthLimit { break }
      index = match.upperBound
      if isByte, match.count == 1, bytes[match.lowerBound] == content[0] { continue }
      if result.bytes.isEmpty { result.reserveCapacity(bytes.count + bytes.count / 2) }
      result.append(text, done..<match.lowerBound)
      // All of it stands for the last scalar that it replaces.
      let origin = text.origins[match.upperBound - 1]
      for byte in content { result.append(byte, origin: origin) }
      done = match.upperBound
    }
    guard done > 0 else { return nil }
    result.append(text, done..<bytes.count)
    return result
  }
}

/// Writes a string before every text that is not empty.
struct PrependNormalizer: Normalizer {
  /// UTF-8.
  let content: [UInt8]

  func normalize(_ text: inout NormalizedText) {
    guard let origin = text.origins.first else { return }
    text.bytes.insert(contentsOf: content, at: 0)
    text.origins.insert(contentsOf: repeatElement(origin, count: content.count), at: 0)
  }
}

/// Drops control characters, and writes other white space and invisible characters as spaces.
///
/// - Source: the normalization rule "nmt" of SentencePiece.
struct NmtNormalizer: Normalizer {
  func normalize(_ text: inout NormalizedText) {
    var scalars = AlignedScalars(text)
    scalars.filter { scalar in
      switch scalar {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: false
      default: true
      }
    }
    scalars.replaceEach { scalar, emit in
      switch scalar {
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        emit(0x20)
      default: emit(scalar)
      }
    }
    text = scalars.text
  }
}
