extension InputFile {
  /// Reads `numbers.count` numbers, starting at the byte `position`, as Float32.
  ///
  /// Float32 is read directly into `numbers`. Float16 and bfloat16 convert exactly; Float64 is
  /// rounded to nearest. The only extra memory is a small buffer.
  ///
  /// - Throws: `AttentionError.file` with "short read" if the file ends early, or if a finite
  ///   Float64 exceeds the range of Float32.
  package func readFloats(
    _ format: FloatFormat, _ order: ByteOrder, at position: Int,
    into numbers: UnsafeMutableBufferPointer<Float>
  ) throws {
    let kernels = Compute.current.backend.kernels
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
      try convert(UInt16.self, order, at: position, into: numbers, kernels.convertFromFloat16)
    case .bfloat16:
      try convert(UInt16.self, order, at: position, into: numbers, kernels.convertFromBFloat16)
    }
  }

  private func overflow(_ number: Double) -> AttentionError {
    .file(
      path: path,
      reason: "\(number) is beyond the range of float32, ±\(Float.greatestFiniteMagnitude)")
  }

  /// Reads bit patterns through a buffer of limited size and passes each chunk to `convertToFloat`.
  private func convert<Bits: FixedWidthInteger>(
    _ type: Bits.Type, _ order: ByteOrder, at position: Int,
    into numbers: UnsafeMutableBufferPointer<Float>,
    _ convertToFloat: (UnsafeBufferPointer<Bits>, UnsafeMutablePointer<Float>) throws -> Void
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
        try convertToFloat(UnsafeBufferPointer(rebasing: $0[..<count]), target + done)
      }
      done += count
    }
  }
}
