/// A text on its way through the tokenizer, and where each of its bytes came from.
struct NormalizedText: Sendable {
  /// What the steps before the model may make of a text: they may lengthen it, and the numbers of
  /// its bytes must fit into 32 bits whatever they do.
  static let lengthLimit = 1 << 29

  /// UTF-8.
  var bytes: [UInt8] = []
  /// For each byte, the index of the Unicode scalar of the original text that it stands for.
  ///
  /// A normalizer may drop scalars, add some and move some, but every scalar it writes stands for
  /// one scalar of the original, and these indices never decrease.
  var origins: [Int32] = []

  init() {}

  /// Valid UTF-8 as it is; its first scalar has the index `firstScalar` in the whole text.
  init(_ utf8: ArraySlice<UInt8>, firstScalar: Int) {
    bytes = Array(utf8)
    origins = Array(unsafeUninitializedCapacity: utf8.count) { buffer, initializedCount in
      var scalar = Int32(firstScalar) - 1
      for (index, byte) in bytes.enumerated() {
        if byte & 0xC0 != 0x80 { scalar += 1 }
        buffer[index] = scalar
      }
      initializedCount = bytes.count
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

  /// Appends a part of another text as it is.
  mutating func append(_ other: NormalizedText, _ range: Range<Int>) {
    bytes.append(contentsOf: other.bytes[range])
    origins.append(contentsOf: other.origins[range])
  }

  /// The range of original scalars that a range of bytes, which is not empty, stands for.
  func originalRange(of range: Range<Int>) -> Range<Int> {
    Int(origins[range.lowerBound])..<Int(origins[range.upperBound - 1]) + 1
  }
}

/// Decodes the scalar at `index` of valid UTF-8, and says how many bytes it takes.
@inline(__always)
func decodeScalar(_ bytes: [UInt8], at index: Int) -> (scalar: UInt32, count: Int) {
  decodeScalar(bytes.span, at: index)
}

/// Decodes the scalar at `index` of valid UTF-8, and says how many bytes it takes.
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

/// The first byte of the scalar that ends before `end` in valid UTF-8.
@inline(__always)
func startOfScalar(_ bytes: [UInt8], endingAt end: Int) -> Int {
  var start = end - 1
  while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
  return start
}
