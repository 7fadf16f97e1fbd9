/// The token ids of single characters (or bytes), with the continuing prefix and word suffix of BPE.
struct InitialTokens: Sendable {
  /// Ids of one-byte characters; index: 4 · byte + (1 if first in its word) + (2 if last).
  private let table: [Int32]
  private let vocabulary: ModelVocabulary
  private let prefix: [UInt8]
  private let suffix: [UInt8]
  private let takesBytes: Bool

  init(_ vocabulary: ModelVocabulary, _ options: BytePairEncoding.Options) {
    self.vocabulary = vocabulary
    prefix = Array((options.continuingPrefix ?? "").utf8)
    suffix = Array((options.wordSuffix ?? "").utf8)
    takesBytes = options.takesBytes
    var table = [Int32](repeating: ModelVocabulary.none, count: 4 * 256)
    for byte in UInt8.min...(options.takesBytes ? UInt8.max : 0x7F) {
      let letter = options.takesBytes ? Array(ByteToUnicode.token(of: byte).utf8) : [byte]
      for place in 0..<4 {
        let isFirst = place & 1 != 0
        let isLast = place & 2 != 0
        let token = (isFirst ? [] : prefix) + letter + (isLast ? suffix : [])
        table[Int(byte) * 4 + place] = vocabulary.id(of: token.span)
      }
    }
    self.table = table
  }

  /// The number of bytes of the character at `index`.
  @inline(__always)
  func length(_ bytes: Span<UInt8>, _ index: Int) -> Int {
    let byte = bytes[index]
    if takesBytes || byte < 0x80 { return 1 }
    return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
  }

  /// The id of a character, or `ModelVocabulary.none`.
  @inline(__always)
  func id(_ bytes: Span<UInt8>, _ letter: Range<Int>, isFirst: Bool, isLast: Bool) -> Int32 {
    if letter.count == 1 {
      return table.span[Int(bytes[letter.lowerBound]) * 4 + (isFirst ? 1 : 0) + (isLast ? 2 : 0)]
    }
    let before = isFirst ? [] : prefix
    let after = isLast ? suffix : []
    if before.isEmpty, after.isEmpty {
      return vocabulary.id(of: bytes.extracting(letter))
    }
    let token = before + letter.map { bytes[$0] } + after
    return vocabulary.id(of: token.span)
  }
}
