/// Normalizes with the table in a SentencePiece model.
///
/// A grapheme cluster of fewer than six bytes is replaced as a whole by the replacement of its shortest
/// prefix in the table, so "ﬁ" with an accent becomes "fi" without it. In other clusters, each scalar is
/// replaced on its own. Hugging Face tokenizers does the same, so models expect these results.
///
/// - Source: Kudo and Richardson 2018, SentencePiece; `normalizers/precompiled.rs` of tokenizers.
struct PrecompiledNormalizer: Normalizer {
  private let charsmap: Charsmap
  /// For each ASCII byte, whether the table leaves it unchanged.
  private let keepsASCII: [Bool]

  init(_ charsmap: Charsmap) {
    self.charsmap = charsmap
    keepsASCII = (UInt8(0)..<0x80).map { byte in
      // A carriage return forms one cluster with a line feed after it.
      byte != 0x0D && charsmap.replacement(of: [byte].span, 0..<1) == nil
    }
  }

  func normalize(_ text: inout NormalizedText) {
    normalize(&text, limit: NormalizedText.lengthLimit)
  }

  func normalize(_ text: inout NormalizedText, limit: Int) {
    let isUnchanged = text.bytes.allSatisfy { $0 < 0x80 && keepsASCII[Int($0)] }
    if isUnchanged { return }
    guard let changes = changes(of: text.bytes.span, limit: limit) else { return }
    var scalars = AlignedScalars(text)
    scalars.apply(changes)
    text = scalars.text
  }

  /// The normalized text, or its first `limit` scalars and some more; nil if nothing changes.
  private func changes(of bytes: Span<UInt8>, limit: Int) -> [AlignedScalars.Change]? {
    var changes: [AlignedScalars.Change] = []
    changes.reserveCapacity(bytes.count)
    var isChanged = false
    var index = 0
    var cancellation = CancellationSteps()
    while index < bytes.count, changes.count <= limit, !cancellation.isRequested() {
      let byte = bytes[index]
      let next = index + 1
      if byte < 0x80, keepsASCII[Int(byte)], next == bytes.count || bytes[next] < 0x80 {
        changes.append(.init(scalar: UInt32(byte), change: 0))
        index = next
        continue
      }
      let end = GraphemeClusters.end(bytes, from: index)
      if end - index < 6, let replacement = charsmap.replacement(of: bytes, index..<end) {
        replace(scalarCount(bytes, index..<end), by: replacement, in: &changes)
        isChanged = true
      } else {
        while index < end {
          let (scalar, count) = decodeScalar(bytes, at: index)
          if let replacement = charsmap.replacement(of: bytes, index..<index + count) {
            replace(1, by: replacement, in: &changes)
            isChanged = true
          } else {
            changes.append(.init(scalar: scalar, change: 0))
          }
          index += count
        }
      }
      index = end
    }
    return isChanged ? changes : nil
  }

  private func scalarCount(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
    var count = 0
    for index in range where bytes[index] & 0xC0 != 0x80 { count += 1 }
    return count
  }

  /// Appends a replacement of `oldCount` scalars. If there are more new scalars, the extra ones count as
  /// inserted. If there are more old scalars, the extra ones count as replaced by the last scalar so far.
  ///
  /// If there is no scalar so far, extra old scalars are not recorded, and the origins of the following
  /// scalars are too small. Hugging Face tokenizers has the same bug.
  private func replace(
    _ oldCount: Int, by replacement: ArraySlice<UInt8>, in changes: inout [AlignedScalars.Change]
  ) {
    var newCount = 0
    for scalar in String(decoding: replacement, as: UTF8.self).unicodeScalars {
      newCount += 1
      changes.append(.init(scalar: scalar.value, change: newCount > oldCount ? 1 : 0))
    }
    if newCount < oldCount, !changes.isEmpty {
      changes[changes.count - 1].change += newCount - oldCount
    }
  }
}
