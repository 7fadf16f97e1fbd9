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

  /// The bytes that a token encodes; nil if a scalar of the token is not in the map.
  static func bytes(of token: String) -> [UInt8]? {
    var result: [UInt8] = []
    return append(token.utf8, to: &result) ? result : nil
  }

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

  /// The one-scalar token that encodes `byte`.
  static func token(of byte: UInt8) -> String {
    Unicode.Scalar(scalars[Int(byte)]).map { String($0) } ?? ""
  }
}
