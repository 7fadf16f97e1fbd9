/// Normalizes as SentencePiece does: replacements by the charsmap, then spaces.
///
/// At each position, the longest entry of the charsmap is replaced. Hugging Face tokenizers replaces other
/// prefixes (`PrecompiledNormalizer`), so only tokenizers that transformers runs with SentencePiece use this
/// type.
///
/// - Source: `Normalizer::Normalize` of SentencePiece.
struct SentencePieceNormalizer: Normalizer {
  /// nil: no replacements.
  private let charsmap: Charsmap?
  /// Pieces that are not replaced.
  private let userDefined: ByteTrie
  private let addsDummyPrefix: Bool
  private let removesExtraSpaces: Bool
  /// "▁" or a space.
  private let space: [UInt8]

  /// - Throws: `ModelError.tokenizer` for an invalid charsmap.
  init(_ model: SentencePieceModel, path: String) throws(ModelError) {
    charsmap = try model.charsmap.map { bytes throws(ModelError) in
      try Charsmap(bytes, name: "precompiled_charsmap", path: path)
    }
    let pieces = model.pieces
    userDefined = ByteTrie(
      ByteStrings(pieces.ids(of: .userDefined).map(pieces.text)), keeping: .first)
    addsDummyPrefix = model.addsDummyPrefix
    removesExtraSpaces = model.removesExtraSpaces
    space = model.escapesSpaces ? Array("\u{2581}".utf8) : [0x20]
  }

  func normalize(_ text: inout NormalizedText) {
    let bytes = text.bytes
    var result = NormalizedText()
    result.reserveCapacity(bytes.count + 16)
    var index = 0
    while removesExtraSpaces, index < bytes.count {
      let (replacement, end) = prefix(bytes, from: index)
      guard replacement.elementsEqual([0x20]) else { break }
      index = end
    }
    guard index < bytes.count else {
      text = result
      return
    }
    if addsDummyPrefix {
      for byte in space { result.append(byte, origin: text.origins[index]) }
    }
    var followsSpace = removesExtraSpaces
    var cancellation = CancellationSteps()
    while index < bytes.count, result.bytes.count <= NormalizedText.lengthLimit,
      !cancellation.isRequested()
    {
      var (replacement, end) = prefix(bytes, from: index)
      while followsSpace, replacement.first == 0x20 { replacement = replacement.dropFirst() }
      for byte in replacement {
        for byte in byte == 0x20 ? space : [byte] {
          result.append(byte, origin: text.origins[index])
        }
      }
      if let last = replacement.last {
        // The last byte of a replacement ends where the replaced scalars end.
        if last != 0x20 { result.origins[result.origins.count - 1] = text.origins[end - 1] }
        followsSpace = removesExtraSpaces && last == 0x20
      }
      index = end
    }
    while removesExtraSpaces, result.bytes.suffix(space.count).elementsEqual(space) {
      result.bytes.removeLast(space.count)
      result.origins.removeLast(space.count)
    }
    text = result
  }

  /// The replacement of the prefix at `start`, and the end of the prefix.
  private func prefix(
    _ bytes: [UInt8], from start: Int
  ) -> (replacement: ArraySlice<UInt8>, end: Int) {
    let match = userDefined.longestMatch(
      in: bytes.span, from: start, to: bytes.count, after: userDefined.root)
    if match.string != ByteTrie.none { return (bytes[start..<match.end], match.end) }
    if let found = charsmap?.longestPrefix(of: bytes.span, start..<bytes.count) { return found }
    let end = start + decodeScalar(bytes, at: start).count
    return (bytes[start..<end], end)
  }
}
