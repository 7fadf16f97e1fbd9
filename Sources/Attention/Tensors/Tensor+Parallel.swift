extension Tensor {
  /// Calls `body` with each run of `width` scalars, to change in place; the threads of the scope share
  /// the work.
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
