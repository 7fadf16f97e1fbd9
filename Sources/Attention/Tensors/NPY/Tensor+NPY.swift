extension Tensor {
  /// Reads a tensor from the `.npy` file at `path`.
  ///
  /// `float32` keeps its bits, `float16` is widened exactly, `float64` is rounded to nearest. Integers
  /// and booleans are refused, not converted: `NPYArray` reads them.
  ///
  /// - Throws: `AttentionError.file` for a file that cannot be read, is damaged, has another element
  ///   type, which the error names, or has a finite `float64` beyond the range of `float32`;
  ///   `AttentionError.memory` when the tensor does not fit.
  /// - Source: NumPy's `numpy.lib.format`.
  public init(npy path: String) throws {
    let file = try InputFile(path: path)
    let (header, start) = try NPYHeader.read(from: file)
    guard let format = header.type.floatFormat else {
      throw AttentionError.file(
        path: path,
        reason: "dtype '\(header.type.rawValue)' where a tensor needs floating point (f2, f4, f8)")
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

  /// Writes the tensor to `path` as `float32`, byte for byte as `numpy.save` does.
  ///
  /// The file appears complete or not at all.
  ///
  /// - Throws: `AttentionError.file` with the system's reason; `AttentionError.shape` for more than
  ///   64 axes, which NumPy would not read.
  public func writeNPY(to path: String) throws {
    let file = try OutputFile(path: path)
    try writeNPY(to: file.write)
    try file.commit()
  }

  /// Passes the bytes of such a file to `sink`.
  package func writeNPY(to sink: ByteSink) throws {
    let header = try NPYHeader(type: .float32, shape: shape)
    try withUnsafeScalars { scalars in
      try header.write(scalars, to: sink) { Float(bitPattern: $0.bitPattern.littleEndian) }
    }
  }
}
