/// BERT's normalizer: removes control characters, puts spaces around Chinese characters, strips accents
/// and lowercases.
///
/// - Source: Devlin et al. 2018, `tokenization.py`, as in Hugging Face tokenizers.
struct BertNormalizer: Normalizer {
  let cleansText: Bool
  let spacesChinese: Bool
  let stripsAccents: Bool
  let lowercases: Bool
  /// The result for each ASCII byte; `removedByte` if the byte is removed.
  private let asciiTable: [UInt8]
  /// Scalars with none of these properties do not change.
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

  /// Normalizes ASCII bytes in place, up to the first byte that is not ASCII or is removed. Returns the
  /// number of bytes done.
  ///
  /// Most texts need nothing else, and nothing is allocated. Normalizing ASCII again does not change it.
  private func normalizeASCII(_ text: inout NormalizedText) -> Int {
    let table = asciiTable.span
    var bytes = text.bytes.mutableSpan
    var cancellation = CancellationSteps()
    for index in bytes.indices {
      let byte = Int(bytes[index])
      guard byte < 0x80, table[byte] != Self.removedByte, !cancellation.isRequested() else {
        return index
      }
      bytes[index] = table[byte]
    }
    return bytes.count
  }

  /// Normalizes each scalar on its own, in one pass; the first `done` bytes are already normalized. Returns
  /// nil if a scalar remains that canonical ordering may move.
  ///
  /// Canonical ordering mostly moves accents, and accents are removed. If no other scalar can move, the
  /// result of each scalar is independent of its neighbors.
  private func normalizeByScalar(_ text: NormalizedText, from done: Int) -> NormalizedText? {
    let unicode = UnicodeData.shared
    var result = NormalizedText()
    result.reserveCapacity(text.bytes.count + text.bytes.count / 8 + 16)
    result.bytes += text.bytes[..<done]
    result.origins += text.origins[..<done]
    var index = done
    var cancellation = CancellationSteps()
    while index < text.bytes.count, !cancellation.isRequested() {
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

  /// Strips accents and lowercases a scalar that does not decompose. Returns false if canonical ordering
  /// may move it.
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

  /// Readable reference: each step over the whole text.
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
