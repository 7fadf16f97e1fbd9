/// The floating-point formats of a file.
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
  /// to nearest. The work memory is a small buffer.
  ///
  /// - Throws: `AttentionError.file` with "short read" when the file ends early, or for a finite
  ///   Float64 that no Float32 is near to.
  package func readFloats(
    _ format: FloatFormat, _ order: ByteOrder, at position: Int,
    into numbers: UnsafeMutableBufferPointer<Float>
  ) throws {
    let loops = Compute.current.backend.kernels.loops
    switch format {
    case .float32:
      try read(into: UnsafeMutableRawBufferPointer(numbers), at: position)
      if order.isForeign {
        for index in numbers.indices {
          numbers[index] = Float(bitPattern: numbers[index].bitPattern.byteSwapped)
        }
      }
    case .float64:
      try convert(UInt64.self, order, at: position, into: numbers) { patterns, target in
        for index in patterns.indices {
          let number = Double(bitPattern: patterns[index])
          target[index] = Float(number)
          guard target[index].isFinite || !number.isFinite else { throw overflow(number) }
        }
      }
    case .float16:
      try convert(UInt16.self, order, at: position, into: numbers, loops.widenFloat16)
    case .bfloat16:
      try convert(UInt16.self, order, at: position, into: numbers, loops.widenBFloat16)
    }
  }

  private func overflow(_ number: Double) -> AttentionError {
    .file(
      path: path,
      reason: "\(number) is beyond the range of float32, \(Float.greatestFiniteMagnitude)")
  }

  /// Reads bit patterns through a buffer of limited size and converts them.
  private func convert<Bits: FixedWidthInteger>(
    _ type: Bits.Type, _ order: ByteOrder, at position: Int,
    into numbers: UnsafeMutableBufferPointer<Float>,
    _ widen: (UnsafeBufferPointer<Bits>, UnsafeMutablePointer<Float>) throws -> Void
  ) throws {
    guard let target = numbers.baseAddress else { return }
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
      if order.isForeign {
        for index in 0..<count { patterns[index] = patterns[index].byteSwapped }
      }
      try patterns.withUnsafeBufferPointer {
        try widen(UnsafeBufferPointer(rebasing: $0[..<count]), target + done)
      }
      done += count
    }
  }
}
