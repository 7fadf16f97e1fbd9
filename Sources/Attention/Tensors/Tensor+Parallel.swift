extension Tensor {
  /// Calls `body` with each row of `width` scalars, which `body` may change in place. The threads of the
  /// current scope share the rows.
  mutating func forEachRow(
    width: Int, _ body: @Sendable (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws {
    guard width > 0, count > 0 else { return }
    let rowCount = count / width
    try withUnsafeMutableScalars { buffer in
      nonisolated(unsafe) let buffer = buffer
      try Workers.forEachRange(
        of: rowCount, least: Tuning.leastScalarsOfThread / width + 1,
        threads: Compute.current.threadCount
      ) { rows in
        for row in rows {
          body(UnsafeMutableBufferPointer(rebasing: buffer[row * width..<(row + 1) * width]))
        }
      }
    }
  }
}
