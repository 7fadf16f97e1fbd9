/// A function that receives the bytes of a file, chunk by chunk.
package typealias ByteSink = (UnsafeRawBufferPointer) throws -> Void

extension NPYHeader {
  /// Writes this header, then the elements, each converted by `littleEndian`.
  func write<Element: BitwiseCopyable>(
    _ elements: some Collection<Element>, to sink: ByteSink,
    littleEndian: (Element) -> Element
  ) throws {
    try write(to: sink)
    try write(elements: elements, to: sink, littleEndian: littleEndian)
  }

  /// Writes this header.
  func write(to sink: ByteSink) throws {
    try bytes.withUnsafeBytes { try sink($0) }
  }

  /// Writes elements, each converted to little-endian.
  func write<Element: BitwiseCopyable>(
    elements: some Collection<Element>, to sink: ByteSink,
    littleEndian: (Element) -> Element
  ) throws {
    if !ByteOrder.littleEndian.isForeign {
      let done: Void? = try elements.withContiguousStorageIfAvailable {
        try sink(UnsafeRawBufferPointer($0))
      }
      if done != nil { return }
    }
    var rest = elements[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(1 << 16)
      try chunk.map(littleEndian).withUnsafeBytes { try sink($0) }
      rest = rest.dropFirst(chunk.count)
    }
  }
}
