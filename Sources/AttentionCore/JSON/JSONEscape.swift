/// The escape sequences in JSON strings.
enum JSONEscape {
  /// The scalar of the escape sequence at `position`, or of two escape sequences for a surrogate pair. Moves
  /// `position` behind it.
  ///
  /// - Throws: `JSONError` with the reason.
  static func scalar(
    in bytes: [UInt8], at position: inout Int
  ) throws(JSONError) -> Unicode.Scalar {
    let offset = position
    guard position + 1 < bytes.count else {
      throw JSONError(offset: offset, reason: "truncated: an escape in a string")
    }
    let letter = bytes[position + 1]
    position += 2
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return Unicode.Scalar(0x08 as UInt8)
    case UInt8(ascii: "f"): return Unicode.Scalar(0x0C as UInt8)
    case UInt8(ascii: "n"): return Unicode.Scalar(0x0A as UInt8)
    case UInt8(ascii: "r"): return Unicode.Scalar(0x0D as UInt8)
    case UInt8(ascii: "t"): return Unicode.Scalar(0x09 as UInt8)
    case UInt8(ascii: "u"):
      var value = try hexadecimal(bytes, &position)
      if value & 0xFC00 == 0xD800, position + 1 < bytes.count,
        bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try hexadecimal(bytes, &position)
        guard low & 0xFC00 == 0xDC00 else {
          throw JSONError(offset: offset, reason: "a lone surrogate in a string")
        }
        value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
      }
      guard let scalar = Unicode.Scalar(value) else {
        throw JSONError(offset: offset, reason: "a lone surrogate in a string")
      }
      return scalar
    default:
      throw JSONError(offset: offset, reason: "an unknown escape in a string")
    }
  }

  private static func hexadecimal(
    _ bytes: [UInt8], _ position: inout Int
  ) throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, let digit = digit(bytes[position]) else {
        throw JSONError(
          offset: position, reason: "an escape that needs four hexadecimal digits")
      }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
