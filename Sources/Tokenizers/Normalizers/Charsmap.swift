import Foundation

/// SentencePiece's normalization table: a double-array trie over UTF-8 whose leaves point to replacement
/// strings.
///
/// Trie units have 32 bits, little-endian: bits 0 to 7 and 31 are the label, bit 8 is set if the node has
/// a leaf, and bits 10 to 30 are the offset from a node to its children, times 256 if bit 9 is set.
///
/// - Source: Yata's Darts-clone as SentencePiece embeds it; `spm_precompiled` reads the same bytes.
struct Charsmap: Sendable {
  private let units: [UInt32]
  /// All replacements, each terminated by NUL.
  private let strings: [UInt8]

  /// Maximum bytes of a replacement, so that a hostile file cannot inflate texts. The longest published
  /// replacement has 33 bytes.
  private static let replacementLimit = 256

  /// - Throws: `ModelError.tokenizer` with `name` if the bytes are not a charsmap.
  init(base64: String, name: String, path: String) throws(ModelError) {
    guard let data = Data(base64Encoded: base64) else {
      throw .tokenizer(path: path, reason: "\(name): not base64")
    }
    try self.init([UInt8](data), name: name, path: path)
  }

  /// - Throws: `ModelError.tokenizer` with `name` if the bytes are not a charsmap.
  init(_ bytes: [UInt8], name: String, path: String) throws(ModelError) {
    func failure(_ reason: String) -> ModelError {
      .tokenizer(path: path, reason: "\(name): \(reason)")
    }
    func word(_ index: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
    }
    guard bytes.count >= 4 else { throw failure("\(bytes.count) bytes, too small for a charsmap") }
    let size = Int(word(0)) / 4 * 4
    guard size >= 4, size <= bytes.count - 4 else {
      throw failure("trie of \(word(0)) bytes in a charsmap of \(bytes.count) bytes")
    }
    units = stride(from: 4, to: 4 + size, by: 4).map(word)
    strings = Array(bytes[(4 + size)...])
    guard String(validating: strings, as: UTF8.self) != nil else {
      throw failure("replacements are not UTF-8")
    }
    let longest = strings.split(separator: 0).map(\.count).max() ?? 0
    guard longest <= Self.replacementLimit else {
      throw failure("replacement of \(longest) bytes, the limit is \(Self.replacementLimit)")
    }
  }

  /// The replacement of the shortest prefix of `bytes[range]` that the table contains; nil if it contains
  /// none.
  func replacement(of bytes: Span<UInt8>, _ range: Range<Int>) -> ArraySlice<UInt8>? {
    var position = offset(units[0])
    for index in range {
      let byte = bytes[index]
      if byte == 0 { return nil }
      position ^= Int(byte)
      guard position < units.count else { return nil }
      let unit = units[position]
      guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
      position ^= offset(unit)
      guard unit & 0x100 != 0 else { continue }
      guard position < units.count else { return nil }
      return string(at: Int(units[position] & 0x7FFF_FFFF))
    }
    return nil
  }

  /// The longest prefix of `bytes[range]` in the table: its replacement and its end; nil if there is none.
  func longestPrefix(
    of bytes: Span<UInt8>, _ range: Range<Int>
  ) -> (replacement: ArraySlice<UInt8>, end: Int)? {
    var position = offset(units[0])
    var longest: (ArraySlice<UInt8>, Int)?
    for index in range {
      let byte = bytes[index]
      if byte == 0 { break }
      position ^= Int(byte)
      guard position < units.count else { break }
      let unit = units[position]
      guard unit & 0x8000_00FF == UInt32(byte) else { break }
      position ^= offset(unit)
      guard unit & 0x100 != 0 else { continue }
      guard position < units.count else { break }
      if let string = string(at: Int(units[position] & 0x7FFF_FFFF)) {
        longest = (string, index + 1)
      }
    }
    return longest
  }

  private func offset(_ unit: UInt32) -> Int {
    Int(unit >> 10) << Int((unit & 0x200) >> 6)
  }

  private func string(at start: Int) -> ArraySlice<UInt8>? {
    // In a damaged file, an offset may point into the middle of a scalar.
    guard start < strings.count, strings[start] & 0xC0 != 0x80 else { return nil }
    var end = start
    while end < strings.count, strings[end] != 0 { end += 1 }
    return strings[start..<end]
  }
}
