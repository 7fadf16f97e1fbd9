/// Replaces each match of a pattern by a string.
struct ReplaceNormalizer: Normalizer {
  let pattern: TextPattern
  /// UTF-8.
  let content: [UInt8]

  func normalize(_ text: inout NormalizedText) {
    normalize(&text, limit: NormalizedText.lengthLimit)
  }

  func normalize(_ text: inout NormalizedText, limit: Int) {
    if case .literal(let letters) = pattern, letters.count == 1 {
      text = replaced(text, byte: letters[0], limit: limit)
    } else if let replaced = replaced(text, limit: limit) {
      text = replaced
    }
  }

  /// Fast path for a pattern of one byte, such as a space.
  private func replaced(_ text: NormalizedText, byte: UInt8, limit: Int) -> NormalizedText {
    var result = NormalizedText()
    result.reserveCapacity(text.bytes.count + text.bytes.count / 2)
    var cancellation = CancellationSteps()
    for index in text.bytes.indices where result.bytes.count <= limit {
      if cancellation.isRequested() { break }
      if text.bytes[index] == byte {
        for byte in content { result.append(byte, origin: text.origins[index]) }
      } else {
        result.append(text.bytes[index], origin: text.origins[index])
      }
    }
    return result
  }

  /// Returns nil if nothing changes.
  private func replaced(_ text: NormalizedText, limit: Int) -> NormalizedText? {
    guard !text.bytes.isEmpty else { return nil }
    var result = NormalizedText()
    var done = 0
    var hasChanged = false
    let bytes = text.bytes.span
    let isByte = content.count == 1
    pattern.forEachMatch(in: bytes, 0..<bytes.count) { match in
      // The caller throws if the result is too long.
      if result.bytes.count > limit { return }
      if isByte, match.count == 1, bytes[match.lowerBound] == content[0] { return }
      if !hasChanged { result.reserveCapacity(bytes.count + bytes.count / 2) }
      result.append(text, done..<match.lowerBound)
      // The origin is the last replaced scalar, or the scalar before an empty match.
      let origin = text.origins[max(match.upperBound - 1, 0)]
      for byte in content { result.append(byte, origin: origin) }
      done = match.upperBound
      hasChanged = true
    }
    guard hasChanged else { return nil }
    result.append(text, done..<bytes.count)
    return result
  }
}

/// Prepends a string to nonempty texts.
struct PrependNormalizer: Normalizer {
  /// UTF-8.
  let content: [UInt8]

  func normalize(_ text: inout NormalizedText) {
    guard let origin = text.origins.first else { return }
    text.bytes.insert(contentsOf: content, at: 0)
    text.origins.insert(contentsOf: repeatElement(origin, count: content.count), at: 0)
  }
}

/// Removes control characters; replaces other white space and invisible characters by spaces.
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
