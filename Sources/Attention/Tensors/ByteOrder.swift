/// The order of the bytes of a number in a file.
package enum ByteOrder: Sendable {
  case littleEndian, bigEndian

  /// Whether this byte order differs from the processor's.
  package var isForeign: Bool {
    #if _endian(little)
      self == .bigEndian
    #else
      self == .littleEndian
    #endif
  }
}
