/// Reads the fields of a protobuf message from untrusted bytes.
///
/// Nothing is allocated: a field of bytes is a slice of the message. All lengths are checked against the
/// message, so reading takes linear time for any input.
///
/// - Source: the protocol buffers encoding, wire types 0, 1, 2 and 5.
struct ProtobufReader {
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
    case fixed32(UInt32)

    /// Name of the kind of value, for error messages.
    var kind: String {
      switch self {
      case .varint: "varint"
      case .fixed64: "64-bit value"
      case .bytes: "bytes"
      case .fixed32: "32-bit value"
      }
    }
  }

  struct Field {
    var number: Int
    var value: Value
    /// The offset of the field in the file.
    var offset: Int
  }

  private var rest: ArraySlice<UInt8>

  /// - Parameter message: a slice whose indices are offsets in the file.
  init(_ message: ArraySlice<UInt8>) { rest = message }

  /// The next field; nil at the end of the message.
  mutating func next() throws(ProtobufError) -> Field? {
    guard !rest.isEmpty else { return nil }
    let offset = rest.startIndex
    let tag = try varint()
    guard let number = Int(exactly: tag >> 3), (1..<1 << 29).contains(number) else {
      throw ProtobufError(offset: offset, reason: "field number \(tag >> 3) is out of range")
    }
    let value: Value
    switch tag & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(try littleEndian(byteCount: 8))
    case 2:
      let length = try varint()
      guard length <= UInt64(rest.count) else {
        throw ProtobufError(
          offset: offset,
          reason: "truncated: field \(number) has \(length) bytes, but only \(rest.count) are left")
      }
      value = .bytes(take(Int(length)))
    case 5: value = .fixed32(UInt32(try littleEndian(byteCount: 4)))
    case let type:
      throw ProtobufError(
        offset: offset, reason: "unsupported wire type \(type) of field \(number)")
    }
    return Field(number: number, value: value, offset: offset)
  }

  private mutating func varint() throws(ProtobufError) -> UInt64 {
    let offset = rest.startIndex
    var value: UInt64 = 0
    for place in 0..<10 {
      guard let byte = rest.popFirst() else {
        throw ProtobufError(offset: offset, reason: "truncated in a varint")
      }
      // The tenth byte holds only the highest bit.
      guard place < 9 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7F) << UInt64(7 * place)
      if byte & 0x80 == 0 { return value }
    }
    throw ProtobufError(offset: offset, reason: "varint longer than 64 bits")
  }

  private mutating func littleEndian(byteCount: Int) throws(ProtobufError) -> UInt64 {
    guard rest.count >= byteCount else {
      throw ProtobufError(
        offset: rest.startIndex,
        reason: "truncated: a number has \(byteCount) bytes, but only \(rest.count) are left")
    }
    return take(byteCount).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    let taken = rest.prefix(count)
    rest = rest.dropFirst(count)
    return taken
  }
}

/// The reason why bytes are not a valid message, and the offset in the file.
struct ProtobufError: Error, CustomStringConvertible {
  var offset: Int
  var reason: String

  var description: String { "protobuf, byte \(offset): \(reason)" }
}

extension ProtobufReader.Field {
  func boolean() throws(ProtobufError) -> Bool { try varint() != 0 }

  /// An `int32` or enumeration. Negative values are encoded with 64 bits; the lower 32 count.
  func int32() throws(ProtobufError) -> Int32 { Int32(truncatingIfNeeded: try varint()) }

  func float() throws(ProtobufError) -> Float {
    guard case .fixed32(let bits) = value else { throw mismatch(expected: "32-bit value") }
    return Float(bitPattern: bits)
  }

  func bytes() throws(ProtobufError) -> ArraySlice<UInt8> {
    guard case .bytes(let bytes) = value else { throw mismatch(expected: "bytes") }
    return bytes
  }

  func string() throws(ProtobufError) -> String {
    guard let text = String(validating: try bytes(), as: UTF8.self) else {
      throw ProtobufError(offset: offset, reason: "field \(number) is not UTF-8")
    }
    return text
  }

  func string(orIfEmpty other: String) throws(ProtobufError) -> String {
    let text = try string()
    return text.isEmpty ? other : text
  }

  private func varint() throws(ProtobufError) -> UInt64 {
    guard case .varint(let varint) = value else { throw mismatch(expected: "varint") }
    return varint
  }

  private func mismatch(expected: String) -> ProtobufError {
    ProtobufError(
      offset: offset, reason: "field \(number): expected \(expected), got \(value.kind)")
  }
}
