/// Byte strings in one buffer, end to end, without an allocation per string.
///
/// Each string takes four bytes more than its length. The limits of files bound the length of the buffer to less
/// than 2³¹ bytes.
struct ByteStrings: Sendable {
  private(set) var bytes: [UInt8] = []
  /// The string at index i has the bytes `bounds[i]..<bounds[i + 1]`.
  private var bounds: [UInt32] = [0]

  init() {}

  init(_ strings: some Sequence<String>) {
    for string in strings { append(string.utf8) }
  }

  /// An empty list with room for `count` strings of `byteCount` bytes in total.
  init(count: Int, byteCount: Int) {
    bytes.reserveCapacity(byteCount)
    bounds.reserveCapacity(count + 1)
  }

  /// Parts of a text, in its order. The buffer of the text becomes the buffer of the strings; the text is empty
  /// afterwards.
  init(movingFrom text: inout [UInt8], parts: [Range<UInt32>]) {
    swap(&bytes, &text)
    bounds.reserveCapacity(parts.count + 1)
    var end = 0
    for part in parts {
      for index in part {
        bytes[end] = bytes[Int(index)]
        end += 1
      }
      bounds.append(UInt32(end))
    }
    bytes.removeSubrange(end...)
  }

  var count: Int { bounds.count - 1 }

  /// The memory of the buffer and the bounds.
  var byteCount: Int { bytes.count + MemoryLayout<UInt32>.stride * bounds.count }

  /// The range in `bytes` of a string.
  @inline(__always)
  subscript(index: Int) -> Range<Int> {
    let bounds = bounds.span
    return Int(bounds[index])..<Int(bounds[index + 1])
  }

  mutating func append(_ string: some Sequence<UInt8>) {
    bytes.append(contentsOf: string)
    bounds.append(UInt32(bytes.count))
  }

  mutating func append(_ string: Span<UInt8>) {
    for index in string.indices { bytes.append(string[index]) }
    bounds.append(UInt32(bytes.count))
  }

  /// The index of the last empty string.
  var lastEmptyIndex: Int? { (0..<count).last { self[$0].isEmpty } }

  func string(at index: Int) -> String { String(decoding: bytes[self[index]], as: UTF8.self) }
}
