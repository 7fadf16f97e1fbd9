/// The normalization of BERT: cleaning, spaces around Chinese characters, no accents, lower case.
///
/// - Source: Devlin et al. 2018, `tokenization.py` of its code, as the tokenizers library has it.
struct BertNormalizer: Normalizer {
  let cleansText: Bool
  let spacesChinese: Bool
  let stripsAccents: Bool
  let lowercases: Bool
  /// What an ASCII byte becomes; `removedByte` where it is dropped.
  private let asciiTable: [UInt8]
  /// Scalars with none of these properties stay what they are.
  private let relevant: UnicodeData.Properties

  private static let removedByte: UInt8 = 0xFF

  init(cleansText: Bool, spacesChinese: Bool, stripsAccents: Bool, lowercases: Bool) {
    self.cleansText = cleansText
    self.spacesChinese = spacesChinese
    self.stripsAccents = stripsAccents
    self.lowercases = lowercases
    var relevant: UnicodeData.Properties = []
    if cleansText { relevant.formUnion([.removed, .whitespace]) }
    if spacesChinese { relevant.formUnion(.chinese) }
    if stripsAccents { relevant.formUnion([.decomposes, .nonspacingMark, .reorders]) }
    if lowercases { relevant.formUnion(.cased) }
    self.relevant = relevant
    asciiTable = (UInt32(0)..<0x80).map { byte in
      let record = UnicodeData.shared[byte]
      if cleansText {
        if record.properties.contains(.removed) { return Self.removedByte }
        if record.properties.contains(.whitespace) { return UInt8(ascii: " ") }
      }
      let letter = lowercases && record.properties.contains(.cased)
      return UInt8(letter ? byte + 0x20 : byte)
    }
  }

  func normalize(_ text: inout NormalizedText) {
    let done = normalizeASCII(&text)
    guard done < text.bytes.count else { return }
    if let result = normalizeByScalar(text, from: done) {
      text = result
    } else {
      normalizeInSteps(&text)
    }
  }

  /// Replaces ASCII bytes in place, up to the first that is none or is dropped; how many.
  ///
  /// Most texts are done then, without new memory. Doing it twice changes nothing more.
  private func normalizeASCII(_ text: inout NormalizedText) -> Int {
    let table = asciiTable.span
    var bytes = text.bytes.mutableSpan
    for index in bytes.indices {
      let byte = Int(bytes[index])
      guard byte < 0x80, table[byte] != Self.removedByte else { return index }
      bytes[index] = table[byte]
    }
    return bytes.count
  }

  /// Each scalar by itself, in one pass, the first `done` bytes as they are; nil where a scalar remains that canonical ordering moves.
  ///
  /// Accents are what canonical ordering moves, and they are dropped: then the order does not
  /// matter, and every scalar's result stands for it alone.
  private func normalizeByScalar(_ text: NormalizedText, from done: Int) -> NormalizedText? {
    let unicode = UnicodeData.shared
    var result = NormalizedText()
    result.reserveCapacity(text.bytes.count + text.bytes.count / 8 + 16)
    result.bytes += text.bytes[..<done]
    result.origins += text.origins[..<done]
    var index = done
    while index < text.bytes.count {
      let byte = text.bytes[index]
      if byte < 0x80 {
        let mapped = asciiTable[Int(byte)]
        if mapped != Self.removedByte { result.append(mapped, origin: text.origins[index]) }
        index += 1
        continue
      }
      let (scalar, count) = decodeScalar(text.bytes, at: index)
      let record = unicode[scalar]
      let origin = text.origins[index]
      if record.properties.isDisjoint(with: relevant) {
        for offset in 0..<count { result.append(text.bytes[index + offset], origin: origin) }
      } else if !append(scalar, record, origin: origin, to: &result) {
        return nil
      }
      index += count
    }
    return result
  }

  private func append(
    _ scalar: UInt32, _ record: UnicodeData.Record, origin: Int32, to result: inout NormalizedText
  ) -> Bool {
    if cleansText {
      if record.properties.contains(.removed) { return true }
      if record.properties.contains(.whitespace) {
        result.append(UInt8(ascii: " "), origin: origin)
        return true
      }
    }
    let isChinese = spacesChinese && record.properties.contains(.chinese)
    if isChinese { result.append(UInt8(ascii: " "), origin: origin) }
    var isComplete = true
    if stripsAccents, record.properties.contains(.hangulSyllable) {
      let (first, second, third) = Hangul.decomposition(scalar)
      result.append(scalar: first, origin: origin)
      result.append(scalar: second, origin: origin)
      if let third { result.append(scalar: third, origin: origin) }
    } else if stripsAccents, record.properties.contains(.decomposes) {
      for part in UnicodeData.shared.canonical(record) {
        let complete = appendPart(
          part, UnicodeData.shared[part], origin: origin, to: &result)
        isComplete = isComplete && complete
      }
    } else {
      isComplete = appendPart(scalar, record, origin: origin, to: &result)
    }
    if isChinese { result.append(UInt8(ascii: " "), origin: origin) }
    return isComplete
  }

  /// The last two steps for a scalar that does not decompose; false where it may have to move.
  private func appendPart(
    _ scalar: UInt32, _ record: UnicodeData.Record, origin: Int32, to result: inout NormalizedText
  ) -> Bool {
    if stripsAccents {
      if record.properties.contains(.nonspacingMark) { return true }
      if record.properties.contains(.reorders) { return false }
    }
    if lowercases, record.properties.contains(.cased) {
      for lower in UnicodeData.shared.lowercase(record) {
        result.append(scalar: lower, origin: origin)
      }
    } else {
      result.append(scalar: scalar, origin: origin)
    }
    return true
  }

  /// The same, one step after the other over the whole text: the definition.
  func normalizeInSteps(_ text: inout NormalizedText) {
    let unicode = UnicodeData.shared
    var scalars = AlignedScalars(text)
    if cleansText {
      scalars.filter { !unicode[$0].properties.contains(.removed) }
      scalars.replaceEach { scalar, emit in
        emit(unicode[scalar].properties.contains(.whitespace) ? 0x20 : scalar)
      }
    }
    if spacesChinese {
      scalars.replaceEach { scalar, emit in
        let isChinese = unicode[scalar].properties.contains(.chinese)
        if isChinese { emit(0x20) }
        emit(scalar)
        if isChinese { emit(0x20) }
      }
    }
    if stripsAccents {
      scalars.decompose(isCompatible: false)
      scalars.filter { !unicode[$0].properties.contains(.nonspacingMark) }
    }
    if lowercases { scalars.lowercase() }
    text = scalars.text
  }
}
