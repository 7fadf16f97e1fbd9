/// How floating-point numbers stand in a file.
package enum FloatFormat: Sendable {
  case float64, float32, float16, bfloat16

  /// Bytes per number.
  package var byteCount: Int {
    switch self {
    case .float64: 8
    case .float32: 4
    case .float16, .bfloat16: 2
    }
  }
}

/// The order of the bytes of a number.
package enum ByteOrder: Sendable {
  case littleEndian, bigEndian

  /// Whether numbers in this order must be reversed to be used here.
  package var isForeign: Bool {
    #if _endian(little)
      self == .bigEndian
    #else
      self == .littleEndian
    #endif
  }
}

extension InputFile {
  /// Reads `numbers.count` numbers from the byte at `position` on, as Float32.
  ///
  /// Float32 is read straight into `numbers`; the narrower formats widen exactly, Float64 is rounded
  /// to nearest. Only a small buffer is needed besides.
  ///
  /// - Throws: `AttentionError.file` with "short read" when the file ends before that.
  package func readFloats(
    _ format: FloatFormat, _ order: ByteOrder, at position: Int,
    into numbers: UnsafeMutableBufferPointer<Float>
  ) throws {
    switch format {
    case .float32:
      try read(into: UnsafeMutableRawBufferPointer(numbers), at: position)
      if order.isForeign {
        for index in numbers.indices {
          numbers[index] = Float(bitPattern: numbers[index].bitPattern.byteSwapped)
        }
      }
    case .float64:
      try convert(UInt64.self, order, at: position, into: numbers) {
        Float(Double(bitPattern: $0))
      }
    case .float16:
      try convert(UInt16.self, order, at: position, into: numbers) {
        HalfPrecision.float(fromFloat16: $0)
      }
    case .bfloat16:
      try convert(UInt16.self, order, at: position, into: numbers) {
        HalfPrecision.float(fromBFloat16: $0)
      }
    }
  }

  /// Reads bit patterns through a buffer of limited size and converts each.
  @inline(__always)
  private func convert<Bits: FixedWidthInteger>(
    _ type: Bits.Type, _ order: ByteOrder, at position: Int,
    into numbers: UnsafeMutableBufferPointer<Float>, _ number: (Bits) -> Float
  ) throws {
    let width = MemoryLayout<Bits>.stride
    var patterns = [Bits](repeating: 0, count: min(numbers.count, 1 << 16))
    var done = 0
    while done < numbers.count {
      let count = min(patterns.count, numbers.count - done)
      try patterns.withUnsafeMutableBytes { bytes in
        try read(
          into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<(count * width)]),
          at: position + done * width)
      }
      patterns.withUnsafeBufferPointer { patterns in
        for index in 0..<count {
          let pattern = patterns[index]
          numbers[done + index] = number(order.isForeign ? pattern.byteSwapped : pattern)
        }
      }
      done += count
    }
  }
}
