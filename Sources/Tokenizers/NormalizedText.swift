/// A text during tokenization, with the origin of each byte in the original text.
struct NormalizedText: Sendable {
  /// Maximum length in bytes. Normalizers and pre-tokenizers may lengthen a text; byte offsets must still
  /// fit into 32 bits.
  static let lengthLimit = 1 << 29

  /// UTF-8.
  var bytes: [UInt8] = []
  /// For each byte, the index of its Unicode scalar in the original text.
  ///
  /// Normalizers may remove, add and move scalars, but each scalar they write has one origin, and origins
  /// never decrease.
  var origins: [Int32] = []

  init() {}

  /// Wraps valid UTF-8 whose first scalar has the index `firstScalar` in the original text.
  init(_ utf8: ArraySlice<UInt8>, firstScalar: Int) {
    bytes = Array(utf8)
    origins.reserveCapacity(bytes.count)
    var scalar = Int32(firstScalar) - 1
    for byte in bytes {
      if byte & 0xC0 != 0x80 { scalar += 1 }
      origins.append(scalar)
    }
  }

  mutating func reserveCapacity(_ count: Int) {
    bytes.reserveCapacity(count)
    origins.reserveCapacity(count)
  }

  @inline(__always)
  mutating func append(_ byte: UInt8, origin: Int32) {
    bytes.append(byte)
    origins.append(origin)
  }

  mutating func append(scalar: UInt32, origin: Int32) {
    switch scalar {
    case 0..<0x80:
      append(UInt8(scalar), origin: origin)
    case 0x80..<0x800:
      append(UInt8(0xC0 | scalar >> 6), origin: origin)
      append(UInt8(0x80 | scalar & 0x3F), origin: origin)
    case 0x800..<0x10000:
      append(UInt8(0xE0 | scalar >> 12), origin: origin)
      append(UInt8(0x80 | scalar >> 6 & 0x3F), origin: origin)
      append(UInt8(0x80 | scalar & 0x3F), origin: origin)
    default:
      append(UInt8(0xF0 | scalar >> 18), origin: origin)
      append(UInt8(0x80 | scalar >> 12 & 0x3F), origin: origin)
      append(UInt8(0x80 | scalar >> 6 & 0x3F), origin: origin)
      append(UInt8(0x80 | scalar & 0x3F), origin: origin)
    }
  }

  /// Appends a part of another text, with its origins.
  mutating func append(_ other: NormalizedText, _ range: Range<Int>) {
    bytes.append(contentsOf: other.bytes[range])
    origins.append(contentsOf: other.origins[range])
  }

  /// The scalars of the original text that a nonempty range of bytes covers.
  func originalRange(of range: Range<Int>) -> Range<Int> {
    Int(origins[range.lowerBound])..<Int(origins[range.upperBound - 1]) + 1
  }
}

/// Decodes the scalar at `index` of valid UTF-8; returns the scalar and its length in bytes.
@inline(__always)
func decodeScalar(_ bytes: [UInt8], at index: Int) -> (scalar: UInt32, count: Int) {
  decodeScalar(bytes.span, at: index)
}

/// Decodes the scalar at `index` of valid UTF-8; returns the scalar and its length in bytes.
@inline(__always)
func decodeScalar(_ bytes: Span<UInt8>, at index: Int) -> (scalar: UInt32, count: Int) {
  let first = UInt32(bytes[index])
  if first < 0x80 { return (first, 1) }
  let second = UInt32(bytes[index + 1] & 0x3F)
  if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
  let third = UInt32(bytes[index + 2] & 0x3F)
  if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
  let fourth = UInt32(bytes[index + 3] & 0x3F)
  return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
}

/// The index of the first byte of the scalar that ends before `end` in valid UTF-8.
@inline(__always)
func startOfScalar(_ bytes: [UInt8], endingAt end: Int) -> Int {
  var start = end - 1
  while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
  return start
}
