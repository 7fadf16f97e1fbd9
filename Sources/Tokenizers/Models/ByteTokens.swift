/// The byte tokens `<0x00>` to `<0xFF>`, which encode characters that are not in the vocabulary.
enum ByteTokens {
  /// The id of each byte's token; −1 if the vocabulary lacks it.
  ///
  /// - Throws: `ModelError.tokenizer` for a malformed byte token such as `<0xZZ>`.
  static func ids(_ vocabulary: ModelVocabulary, path: String) throws(ModelError) -> [Int32] {
    var ids = [Int32](repeating: -1, count: 256)
    for index in 0..<vocabulary.count {
      let token = vocabulary.bytes(at: index)
      guard token.count == 6, token.starts(with: "<0x".utf8), token.last == UInt8(ascii: ">") else {
        continue
      }
      let bytes = Array(token)
      let digits = String(decoding: bytes[3..<5], as: UTF8.self)
      guard let byte = UInt8(digits, radix: 16), digits == digits.uppercased() else {
        throw .tokenizer(
          path: path, reason: "malformed byte token \(quoted(vocabulary.string(at: index)))")
      }
      ids[Int(byte)] = vocabulary.id(at: index)
    }
    return ids
  }

  /// The byte of a byte token, for decoding; nil for other tokens. Accepts lowercase digits as well.
  static func byte(of token: some Collection<UInt8>) -> UInt8? {
    guard token.count == 6, token.starts(with: "<0x".utf8) else { return nil }
    let bytes = Array(token)
    guard bytes[5] == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: bytes[3..<5], as: UTF8.self), radix: 16)
  }
}
