extension Tensor {
  /// Reads a tensor from the `.npy` file at `path`.
  ///
  /// `float32` keeps its bits, `float16` converts exactly, `float64` is rounded to nearest.
  /// Integers and booleans throw an error; use `NPYArray` for them.
  ///
  /// - Throws: `AttentionError.file` if the file cannot be read, is damaged, has another element
  ///   type (the message names it), or has a finite `float64` that exceeds the range of `float32`;
  ///   `AttentionError.memory` if an allocation fails.
  /// - Source: NumPy's `numpy.lib.format`.
  public init(npy path: String) throws {
    let file = try InputFile(path: path)
    let (header, start) = try NPYHeader.read(from: file)
    guard let format = header.type.floatFormat else {
      throw AttentionError.file(
        path: path,
        reason: "expected a floating-point dtype (f2, f4, f8), got '\(header.type.rawValue)'")
    }
    let stored = try Tensor(shape: header.shape) { buffer in
      try file.readFloats(format, header.order, at: start, into: buffer)
    }
    guard header.isFortranOrder, header.shape.rank > 1 else {
      self = stored
      return
    }
    try self.init(shape: header.shape) { target in
      stored.withUnsafeScalars { source in
        initializeRowMajor(target, fromColumnMajor: source, shape: header.shape)
      }
    }
  }

  /// Writes the tensor to `path` as `float32`, with the same bytes as `numpy.save`.
  ///
  /// The file appears complete or not at all.
  ///
  /// - Throws: `AttentionError.file` with the system's reason; `AttentionError.shape` for more than
  ///   64 axes, the maximum of NumPy.
  public func writeNPY(to path: String) throws {
    let file = try OutputFile(path: path)
    try writeNPY(to: file.write)
    try file.commit()
  }

  /// Passes the bytes of the `.npy` file to `sink`.
  package func writeNPY(to sink: ByteSink) throws {
    try Self.writeNPY([self], shape: shape, to: sink)
  }

  /// Passes the bytes of the file of one matrix to `sink`: the rows of several matrices.
  ///
  /// - Parameters:
  ///   - parts: matrices `[row, columnCount]`.
  ///   - columnCount: the number of columns of each.
  package static func writeNPY(
    rowsOf parts: [Tensor], columnCount: Int, to sink: ByteSink
  ) throws {
    let rowCount = parts.reduce(0) { $0 + $1.shape[0] }
    try writeNPY(parts, shape: [rowCount, columnCount], to: sink)
  }

  private static func writeNPY(_ parts: [Tensor], shape: Shape, to sink: ByteSink) throws {
    let header = try NPYHeader(type: .float32, shape: shape)
    try header.write(to: sink)
    for part in parts {
      try part.withUnsafeScalars { scalars in
        try header.write(elements: scalars, to: sink) {
          Float(bitPattern: $0.bitPattern.littleEndian)
        }
      }
    }
  }
}
