/// The byte-to-Unicode map of byte-level models: each byte is written as one printable scalar.
///
/// A byte that is printable in Latin-1 maps to the scalar of the same value. The other bytes map, in
/// order, to U+0100 and the scalars after it: a space becomes "Ġ", a line feed "Ċ".
///
/// - Source: Radford et al. 2019, `bytes_to_unicode` of GPT-2's `encoder.py`.
enum ByteToUnicode {
  /// The scalar of each byte value.
  static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt32(0)...0xFF).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return byte
      default:
        defer { next += 1 }
        return next
      }
    }
  }()

  private static let byteValues: [Int16] = {
    var values = [Int16](repeating: -1, count: 0x200)
    for (byte, scalar) in scalars.enumerated() { values[Int(scalar)] = Int16(byte) }
    return values
  }()

  /// Appends the bytes that a token encodes. If a scalar of the token is not in the map, returns false
  /// and appends nothing.
  static func append(_ token: some Sequence<UInt8>, to bytes: inout [UInt8]) -> Bool {
    let count = bytes.count
    var lead: UInt32 = 0
    for unit in token {
      let unit = UInt32(unit)
      var value: Int16 = -1
      if lead != 0 {
        value = byteValues[Int(lead & 0x07) << 6 | Int(unit & 0x3F)]
        lead = 0
      } else if unit < 0x80 {
        value = byteValues[Int(unit)]
      } else if unit < 0xC8 {
        // U+0080 to U+01FF take two bytes.
        lead = unit
        continue
      }
      guard let byte = UInt8(exactly: value) else {
        bytes.removeSubrange(count...)
        return false
      }
      bytes.append(byte)
    }
    return true
  }

  /// Appends the token that encodes the bytes at `range`.
  @inline(__always)
  static func write(_ bytes: Span<UInt8>, _ range: Range<Int>, to token: inout [UInt8]) {
    let scalars = scalars.span
    for index in range {
      let scalar = scalars[Int(bytes[index])]
      if scalar < 0x80 {
        token.append(UInt8(truncatingIfNeeded: scalar))
      } else {
        token.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
        token.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
      }
    }
  }

  /// The one-scalar token that encodes `byte`.
  static func token(of byte: UInt8) -> String {
    Unicode.Scalar(scalars[Int(byte)]).map { String($0) } ?? ""
  }
}
