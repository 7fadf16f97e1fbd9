import Attention

/// An open safetensors file, whose tensors are read one by one.
///
/// Opening reads only the header. When a tensor is requested, its bytes are read directly into the memory of
/// the tensor.
///
/// Files are read and not memory-mapped. A memory map would save the copy out of the page cache, about
/// 25 ms for 90 MB. But if another process truncates the file, access to the map ends the process, and if
/// it writes to the file, the weights of a model in use change. With reads, truncation is an error and
/// later writes have no effect.
package final class SafetensorsFile: Sendable {
  package var path: String { file.path }
  /// The metadata of the file: often only `format`.
  package var metadata: [String: String] { header.metadata }

  private let file: InputFile
  private let header: SafetensorsHeader
  /// The offset of the tensors' bytes in the file.
  private let dataStart: Int
  /// The index in `header.entries` of each tensor. The keys are UTF-8 bytes, because different names can be
  /// equal as `String`.
  private let positions: [[UInt8]: Int]

  /// Opens the file at `path` and checks its header.
  ///
  /// - Throws: `ModelError.weights` with the file's path and what is wrong with it.
  package init(path: String) throws {
    (file, dataStart, header) = try weightsErrors {
      let file = try InputFile(path: path)
      let (header, dataStart) = try Self.header(of: file)
      return (file, dataStart, header)
    }
    var positions: [[UInt8]: Int] = [:]
    positions.reserveCapacity(header.entries.count)
    for (position, entry) in header.entries.enumerated() {
      positions[Array(entry.name.utf8)] = position
    }
    self.positions = positions
  }

  /// The names of the tensors, in the order of the header.
  package var tensorNames: [String] { header.entries.map(\.name) }

  /// The shape of a tensor; nil if there is none of that name.
  package func shape(of name: String) -> Shape? {
    positions[Array(name.utf8)].map { header.entries[$0].shape }
  }

  /// The element type of a tensor; nil if there is none of that name.
  func elementType(of name: String) -> SafetensorsType? {
    positions[Array(name.utf8)].map { header.entries[$0].type }
  }

  /// Reads a tensor as Float32: F32, F16 and BF16 exactly, F64 rounded to nearest.
  ///
  /// - Throws: `ModelError.weights` for "missing tensor", an element type that is not floating point,
  ///   or a "short read" of a file that was truncated; `AttentionError.memory`.
  package func tensor(_ name: String) throws -> Tensor {
    let (entry, format) = try readable(name)
    return try weightsErrors {
      try Tensor(shape: entry.shape) { buffer in
        try file.readFloats(
          format, .littleEndian, at: dataStart + entry.range.lowerBound, into: buffer)
      }
    }
  }

  /// The format that stores a tensor's numbers without conversion; float32 for F64.
  ///
  /// - Throws: `ModelError.weights` for "missing tensor", or an element type that is not floating point.
  package func weightFormat(of name: String) throws -> WeightFormat {
    switch try readable(name).format {
    case .float64, .float32: .float32
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }

  /// Reads a range of rows and columns of a matrix as Float32, in row-major order. A tensor of higher rank is
  /// read as the matrix whose columns are its last dimension.
  ///
  /// - Throws: as `tensor(_:)`, and `ModelError.weights` if the rows or columns are out of range.
  package func read(
    _ name: String, rows: Range<Int>, columns: Range<Int>,
    into target: UnsafeMutablePointer<Float>
  ) throws {
    let (entry, format) = try readable(name)
    let width = entry.shape.dimensions.last ?? 0
    // Only the product of an empty tensor can wrap around, and no scalar of it is read.
    let rowCount = entry.shape.dimensions.dropLast().reduce(1, &*)
    guard entry.shape.rank >= 2,
      rows.lowerBound >= 0, rows.upperBound <= rowCount,
      columns.lowerBound >= 0, columns.upperBound <= width
    else {
      throw ModelError.weights(
        path: path,
        reason: "tensor '\(printable(name))': rows \(rows) and columns \(columns) are out of range "
          + "for shape \(entry.shape)")
    }
    let start = dataStart + entry.range.lowerBound
    // Whole rows are contiguous.
    let (runs, length) =
      columns.count == width ? (1, rows.count * width) : (rows.count, columns.count)
    try weightsErrors {
      for run in 0..<runs {
        let first = (rows.lowerBound + run) * width + columns.lowerBound
        try file.readFloats(
          format, .littleEndian, at: start + first * format.byteCount,
          into: UnsafeMutableBufferPointer(start: target + run * length, count: length))
      }
    }
  }

  /// Reads a tensor of floating-point numbers, integers or booleans as Float32, rounded to nearest; true
  /// is 1.
  ///
  /// - Throws: as ``tensor(_:)``.
  func anyTensor(_ name: String) throws -> Tensor {
    guard let position = positions[Array(name.utf8)] else { return try tensor(name) }
    let entry = header.entries[position]
    switch entry.type {
    case .bool: return try integers(entry, UInt8.self) { $0 == 0 ? 0 : 1 }
    case .uint8: return try integers(entry, UInt8.self) { Float($0) }
    case .int8: return try integers(entry, Int8.self) { Float($0) }
    case .uint16: return try integers(entry, UInt16.self) { Float($0) }
    case .int16: return try integers(entry, Int16.self) { Float($0) }
    case .uint32: return try integers(entry, UInt32.self) { Float($0) }
    case .int32: return try integers(entry, Int32.self) { Float($0) }
    case .uint64: return try integers(entry, UInt64.self) { Float($0) }
    case .int64: return try integers(entry, Int64.self) { Float($0) }
    default: return try tensor(name)
    }
  }

  private func integers<Value: FixedWidthInteger & BitwiseCopyable>(
    _ entry: SafetensorsHeader.Entry, _ type: Value.Type, _ convert: (Value) -> Float
  ) throws -> Tensor {
    try weightsErrors {
      try Tensor(shape: entry.shape) { buffer in
        // Read part by part, so that there is no second copy of the tensor in memory.
        let step = 1 << 16
        for start in stride(from: 0, to: buffer.count, by: step) {
          let values: [Value] = try file.elements(
            count: min(step, buffer.count - start),
            at: dataStart + entry.range.lowerBound + start * MemoryLayout<Value>.size)
          for (index, value) in values.enumerated() {
            buffer.initializeElement(at: start + index, to: convert(Value(littleEndian: value)))
          }
        }
      }
    }
  }

  /// The header entry of a tensor whose element type is floating point.
  private func readable(
    _ name: String
  ) throws -> (entry: SafetensorsHeader.Entry, format: FloatFormat) {
    guard let position = positions[Array(name.utf8)] else {
      throw ModelError.weights(path: path, reason: "missing tensor \(printable(name))")
    }
    let entry = header.entries[position]
    guard let format = entry.type.floatFormat else {
      throw ModelError.weights(
        path: path,
        reason: "tensor '\(printable(name))': dtype \(entry.type.rawValue) cannot be read"
          + " (supported: F32, F16, BF16, F64)")
    }
    return (entry, format)
  }

  private static func header(
    of file: InputFile
  ) throws -> (header: SafetensorsHeader, dataStart: Int) {
    func failure(_ reason: String) -> ModelError { .weights(path: file.path, reason: reason) }
    try file.requireNoLFSPointer()
    guard file.byteCount >= 8 else { throw failure("too small: \(file.byteCount) bytes") }
    let length = try file.bytes(in: 0..<8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    let limit = FileKind.safetensorsHeader.limit
    guard length <= UInt64(limit) else {
      throw failure("header too large: \(length) bytes, more than \(limit)")
    }
    let dataStart = 8 + Int(length)
    guard dataStart <= file.byteCount else {
      throw failure("truncated: a header of \(length) bytes in a file of \(file.byteCount)")
    }
    try FileKind.safetensorsHeader.check(byteCount: Int(length), path: file.path)
    do {
      let header = try SafetensorsHeader(
        text: file.bytes(in: 8..<dataStart), dataByteCount: file.byteCount - dataStart)
      return (header, dataStart)
    } catch let error as SafetensorsHeader.Failure {
      throw failure(error.reason)
    }
  }
}
