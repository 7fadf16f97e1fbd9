extension NPYArray {
  /// Reads the `.npy` file at `path`.
  ///
  /// Supports format versions 1.0 to 3.0, both byte orders, and row-major and column-major order.
  ///
  /// - Throws: `AttentionError.file` if the file cannot be read, is damaged, or has another element
  ///   type (the message names it); `AttentionError.memory` if an allocation fails.
  /// - Source: NumPy's `numpy.lib.format`.
  public init(contentsOf path: String) throws {
    let file = try InputFile(path: path)
    let (header, start) = try NPYHeader.read(from: file)
    self.shape = header.shape
    self.elements =
      switch header.type {
      case .float16:
        .float16(bitPatterns: try Self.read(header, file, start) { $0.byteSwapped })
      case .float32:
        .float32(
          try Self.read(header, file, start) { Float(bitPattern: $0.bitPattern.byteSwapped) })
      case .float64:
        .float64(
          try Self.read(header, file, start) { Double(bitPattern: $0.bitPattern.byteSwapped) })
      case .int32:
        .int32(try Self.read(header, file, start) { $0.byteSwapped })
      case .int64:
        .int64(try Self.read(header, file, start) { $0.byteSwapped })
      case .bool:
        .bool(try Self.booleans(Self.read(header, file, start) { (byte: UInt8) in byte }, path))
      }
  }

  /// A Swift Bool must be 0 or 1. NumPy treats every nonzero byte as true.
  private static func booleans(_ bytes: [UInt8], _ path: String) throws -> [Bool] {
    try requireMemory(byteCount: bytes.count, purpose: "the booleans of \(printable(path))")
    return bytes.map { $0 != 0 }
  }

  /// Writes the array to `path` with the same bytes as `numpy.save`: version 1.0, little-endian,
  /// row-major, data aligned to 64 bytes. The file appears complete or not at all.
  ///
  /// - Throws: `AttentionError.file` with the system's reason; `AttentionError.shape` for more than
  ///   64 axes, the maximum of NumPy.
  public func write(to path: String) throws {
    let file = try OutputFile(path: path)
    let header = try NPYHeader(type: elements.type, shape: shape)
    let sink: ByteSink = file.write
    switch elements {
    case .float16(let elements): try header.write(elements, to: sink) { $0.littleEndian }
    case .float32(let elements):
      try header.write(elements, to: sink) { Float(bitPattern: $0.bitPattern.littleEndian) }
    case .float64(let elements):
      try header.write(elements, to: sink) { Double(bitPattern: $0.bitPattern.littleEndian) }
    case .int32(let elements): try header.write(elements, to: sink) { $0.littleEndian }
    case .int64(let elements): try header.write(elements, to: sink) { $0.littleEndian }
    case .bool(let elements):
      try header.write(elements.map { $0 ? 1 as UInt8 : 0 }, to: sink) { $0 }
    }
    try file.commit()
  }

  /// Reads the elements after the header. Returns them in the processor's byte order and row-major.
  private static func read<Element: BitwiseCopyable>(
    _ header: NPYHeader, _ file: InputFile, _ start: Int, swap: (Element) -> Element
  ) throws -> [Element] {
    var stored: [Element] = try file.elements(count: header.count, at: start)
    if header.order.isForeign {
      for index in stored.indices { stored[index] = swap(stored[index]) }
    }
    guard header.isFortranOrder, header.shape.rank > 1 else { return stored }
    try requireMemory(
      byteCount: header.count * MemoryLayout<Element>.stride, purpose: "reordering \(file.path)")
    return [Element](uninitializedCount: header.count) { target in
      stored.withUnsafeBufferPointer { source in
        initializeRowMajor(target, fromColumnMajor: source, shape: header.shape)
      }
    }
  }
}
