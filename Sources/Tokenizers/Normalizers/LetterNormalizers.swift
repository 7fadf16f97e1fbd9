/// Lowercases each scalar on its own, independent of language and position.
struct LowercaseNormalizer: Normalizer {
  func normalize(_ text: inout NormalizedText) {
    let unicode = UnicodeData.shared
    var result = NormalizedText()
    result.reserveCapacity(text.bytes.count + 8)
    var index = 0
    var cancellation = CancellationSteps()
    while index < text.bytes.count, !cancellation.isRequested() {
      let byte = text.bytes[index]
      let origin = text.origins[index]
      if byte < 0x80 {
        result.append((0x41...0x5A).contains(byte) ? byte + 0x20 : byte, origin: origin)
        index += 1
        continue
      }
      let (scalar, count) = decodeScalar(text.bytes, at: index)
      let record = unicode[scalar]
      if record.properties.contains(.cased) {
        for lower in unicode.lowercase(record) { result.append(scalar: lower, origin: origin) }
      } else {
        result.append(text, index..<index + count)
      }
      index += count
    }
    text = result
  }
}

/// Removes all combining marks. Precomposed accents remain: decompose the text first.
struct StripAccentsNormalizer: Normalizer {
  func normalize(_ text: inout NormalizedText) {
    var scalars = AlignedScalars(text)
    scalars.filter { !UnicodeData.shared[$0].properties.contains(.combiningMark) }
    text = scalars.text
  }
}

/// Removes white space at the start, the end, or both.
struct StripNormalizer: Normalizer {
  let left: Bool
  let right: Bool

  func normalize(_ text: inout NormalizedText) {
    var scalars = AlignedScalars(text)
    let unicode = UnicodeData.shared
    func isSpace(_ scalar: UInt32) -> Bool { unicode[scalar].properties.contains(.whitespace) }
    let first = left ? scalars.scalars.prefix(while: isSpace).count : 0
    let rest = scalars.scalars.dropFirst(first)
    let last = right ? rest.reversed().prefix(while: isSpace).count : 0
    scalars.removeFirst(first, last: last)
    text = scalars.text
  }
}

extension AlignedScalars {
  mutating func lowercase() {
    let unicode = UnicodeData.shared
    replaceEach { scalar, emit in
      let record = unicode[scalar]
      if record.properties.contains(.cased) {
        unicode.lowercase(record).forEach(emit)
      } else {
        emit(scalar)
      }
    }
  }
}
