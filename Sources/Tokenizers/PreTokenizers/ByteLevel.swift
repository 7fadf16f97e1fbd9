/// Byte-level pre-tokenizer: splits by GPT-2's pattern and maps each byte to a scalar of `ByteToUnicode`.
struct ByteLevelPreTokenizer: PreTokenizer {
  /// Whether to prepend a space to pieces that do not start with one.
  let addsPrefixSpace: Bool
  /// Whether to split by GPT-2's pattern.
  let usesPattern: Bool
  /// Whether to map bytes to scalars; false if the model takes bytes.
  let writesLetters: Bool

  func split(_ words: inout PreTokenizedText) {
    if addsPrefixSpace {
      let needsSpace = words.pieces.contains { words.text.bytes[$0.lowerBound] != 0x20 }
      if needsSpace {
        words.rewrite { text, piece, result in
          if text.bytes[piece.lowerBound] != 0x20 {
            result.append(0x20, origin: text.origins[piece.lowerBound])
          }
          result.append(text, piece)
        }
      }
    }
    if usesPattern { PatternSplitter(.words(.gpt2), .isolated).split(&words) }
    if writesLetters {
      words.rewrite { text, piece, result in ByteLevelNormalizer.append(text, piece, to: &result) }
    }
  }
}

/// Maps each byte to a scalar of `ByteToUnicode`.
struct ByteLevelNormalizer: Normalizer {
  func normalize(_ text: inout NormalizedText) {
    var result = NormalizedText()
    result.reserveCapacity(text.bytes.count * 2)
    Self.append(text, 0..<text.bytes.count, to: &result)
    text = result
  }

  static func append(_ text: NormalizedText, _ range: Range<Int>, to result: inout NormalizedText) {
    var cancellation = CancellationSteps()
    for index in range {
      if cancellation.isRequested() { break }
      result.append(
        scalar: ByteToUnicode.scalars[Int(text.bytes[index])], origin: text.origins[index])
    }
  }
}
