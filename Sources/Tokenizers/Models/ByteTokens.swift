/// The tokens `<0x00>` to `<0xFF>`, by which models write what their vocabulary has no letter for.
enum ByteTokens {
  /// The number of each byte's token, −1 where it is missing.
  ///
  /// - Throws: `ModelError.tokenizer` for a token that looks like one and is none, as `<0xZZ>`.
  static func ids(_ vocabulary: ModelVocabulary, path: String) throws(ModelError) -> [Int32] {
    var ids = [Int32](repeating: -1, count: 256)
    for (token, id) in vocabulary.entries {
      let bytes = Array(token.utf8)
      guard bytes.count == 6, bytes.starts(with: "<0x".utf8), bytes[5] == UInt8(ascii: ">") else {
        continue
      }
      let digits = String(decoding: bytes[3..<5], as: UTF8.self)
      guard let byte = UInt8(digits, radix: 16), digits == digits.uppercased() else {
        throw .tokenizer(path: path, reason: "malformed byte token \(token.debugDescription)")
      }
      ids[Int(byte)] = id
    }
    return ids
  }

  /// The byte that a token stands for when decoding, where any two digits will do.
  static func byte(of token: some Collection<UInt8>) -> UInt8? {
    guard token.count == 6, token.starts(with: "<0x".utf8) else { return nil }
    let bytes = Array(token)
    guard bytes[5] == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: bytes[3..<5], as: UTF8.self), radix: 16)
  }
}
