/// The normalization that a SentencePiece model brings along as a table.
///
/// A grapheme cluster of less than six bytes is replaced as a whole by what the table has for the
/// shortest start of it, so that "ﬁ" with an accent becomes "fi" without one; of all others, each
/// scalar by itself. The reference library does so, and models are used with what it does.
///
/// - Source: Kudo and Richardson 2018, SentencePiece; `normalizers/precompiled.rs` of tokenizers.
struct PrecompiledNormalizer: Normalizer {
  private let charsmap: Charsmap
  /// Whether the table leaves each ASCII byte as it is.
  private let keepsASCII: [Bool]

  init(_ charsmap: Charsmap) {
    self.charsmap = charsmap
    keepsASCII = (UInt8(0)..<0x80).map { byte in
      // A carriage return may be in a cluster with the line feed after it.
      byte != 0x0D && charsmap.replacement(of: [byte].span, 0..<1) == nil
    }
  }

  func normalize(_ text: inout NormalizedText) {
    let isUnchanged = text.bytes.allSatisfy { $0 < 0x80 && keepsASCII[Int($0)] }
    if isUnchanged { return }
    guard let changes = changes(of: text.bytes.span) else { return }
    var scalars = AlignedScalars(text)
    scalars.apply(changes)
    text = scalars.text
  }

  /// What becomes of a text; nil where it stays what it is.
  private func changes(of bytes: Span<UInt8>) -> [AlignedScalars.Change]? {
    var changes: [AlignedScalars.Change] = []
    changes.reserveCapacity(bytes.count)
    var isChanged = false
    var index = 0
    while index < bytes.count {
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

  /// Scalars beyond those replaced count as added, and missing ones as dropped after the last.
  ///
  /// Where nothing stands before to be that last one, they are forgotten, and what follows is
  /// aligned with scalars too early: so does the reference library.
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
