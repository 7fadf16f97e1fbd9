/// The words of byte-level models: GPT-2's pattern, and every byte as a letter of `ByteAlphabet`.
struct ByteLevelPreTokenizer: PreTokenizer {
  /// Whether a space is put before words that have none.
  let addsPrefixSpace: Bool
  /// Whether GPT-2's pattern cuts the text.
  let usesPattern: Bool
  /// Whether bytes are written as letters. Not where the model takes the bytes themselves.
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

/// Writes every byte as a letter of `ByteAlphabet`, as a normalizer.
struct ByteLevelNormalizer: Normalizer {
  func normalize(_ text: inout NormalizedText) {
    var result = NormalizedText()
    result.reserveCapacity(text.bytes.count * 2)
    Self.append(text, 0..<text.bytes.count, to: &result)
    text = result
  }

  static func append(_ text: NormalizedText, _ range: Range<Int>, to result: inout NormalizedText) {
    for index in range {
      result.append(
        scalar: ByteAlphabet.scalars[Int(text.bytes[index])], origin: text.origins[index])
    }
  }
}
