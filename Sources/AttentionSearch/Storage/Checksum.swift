/// XXH64 with seed 0: 64 bits that differ for different bytes with a probability of 1 − 2⁻⁶⁴. It detects damage; it
/// is no protection against forgery.
///
/// - Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
enum Checksum {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  static func of(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { of($0) } }

  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var position = 0
    func word(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    var hash: UInt64
    if bytes.count >= 32 {
      var lanes: (UInt64, UInt64, UInt64, UInt64) = (
        prime1 &+ prime2, prime2, 0, 0 &- prime1
      )
      while position + 32 <= bytes.count {
        lanes.0 = round(lanes.0, word(position))
        lanes.1 = round(lanes.1, word(position + 8))
        lanes.2 = round(lanes.2, word(position + 16))
        lanes.3 = round(lanes.3, word(position + 24))
        position += 32
      }
      hash =
        rotate(lanes.0, 1) &+ rotate(lanes.1, 7) &+ rotate(lanes.2, 12) &+ rotate(lanes.3, 18)
      for lane in [lanes.0, lanes.1, lanes.2, lanes.3] {
        hash = (hash ^ round(0, lane)) &* prime1 &+ prime4
      }
    } else {
      hash = prime5
    }
    hash &+= UInt64(bytes.count)
    while position + 8 <= bytes.count {
      hash = rotate(hash ^ round(0, word(position)), 27) &* prime1 &+ prime4
      position += 8
    }
    if position + 4 <= bytes.count {
      let half = UInt32(
        littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
      hash = rotate(hash ^ (UInt64(half) &* prime1), 23) &* prime2 &+ prime3
      position += 4
    }
    while position < bytes.count {
      hash = rotate(hash ^ (UInt64(bytes[position]) &* prime5), 11) &* prime1
      position += 1
    }
    hash = (hash ^ (hash >> 33)) &* prime2
    hash = (hash ^ (hash >> 29)) &* prime3
    return hash ^ (hash >> 32)
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* prime2, 31) &* prime1
  }

  @inline(__always)
  private static func rotate(_ x: UInt64, _ count: UInt64) -> UInt64 {
    x << count | x >> (64 &- count)
  }
}

/// Values that are part of one checksum, each with its length, so that two lists of values never have the same bytes.
struct ChecksumInput {
  private var bytes: [UInt8] = []

  var checksum: UInt64 { Checksum.of(bytes) }

  mutating func add(_ value: some Collection<UInt8>) {
    add(value.count)
    bytes += value
  }

  mutating func add(_ text: String) { add(text.utf8) }

  mutating func add(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: Int64(truncatingIfNeeded: value).littleEndian) { bytes += $0 }
  }
}
