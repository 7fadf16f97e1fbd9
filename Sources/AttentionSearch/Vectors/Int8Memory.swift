import AttentionModels

/// int8 vectors, divided into the upper and the lower four bits of each feature.
///
/// A code c in −127 … 127 is 16 u + l − 128, with u and l in 0 … 15. So the dot product with a query q is
///
///     c·q = 16 (u·q) + l·q − 128 Σq
///         = 16 (u·q) − 120.5 Σq + (l − 7.5)·q        where |(l − 7.5)·q| ≤ |l − 7.5| |q|
///
/// A scan reads u of all vectors, and l only of those that may exceed a threshold: half of the memory, and the same
/// results.
final class Int8Memory: @unchecked Sendable {
  /// The number of bytes of u or l of a vector. Byte i has feature i in its lower bits, and feature `halfLength` + i in
  /// its upper bits.
  let halfLength: Int

  private let dimension: Int
  private let upperMemory: VectorMemory
  private let lowerMemory: VectorMemory
  private let scaleMemory: VectorMemory
  /// |l − 7.5| of each vector.
  private let remainderMemory: VectorMemory

  init(capacity: Int, dimension: Int) throws {
    self.dimension = dimension
    halfLength = Self.halfLength(dimension: dimension)
    upperMemory = try VectorMemory(byteCount: capacity * halfLength)
    lowerMemory = try VectorMemory(byteCount: capacity * halfLength)
    scaleMemory = try VectorMemory(byteCount: 4 * capacity)
    remainderMemory = try VectorMemory(byteCount: 4 * capacity)
  }

  static func halfLength(dimension: Int) -> Int { (dimension + 1) / 2 }

  /// Writes a vector in the format of the files: a scale and `dimension` bytes.
  func write(_ bytes: UnsafeRawBufferPointer, toRow row: Int) {
    scales[row] = Float(
      bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
    let upper = UnsafeMutableRawBufferPointer(
      start: upperMemory.base + row * halfLength, count: halfLength)
    let lower = UnsafeMutableRawBufferPointer(
      start: lowerMemory.base + row * halfLength, count: halfLength)
    // Σ (2 l − 15)², exact.
    var squares = 0
    for index in 0..<halfLength {
      let first = bytes[4 + index] ^ 0x80
      let hasSecond = halfLength + index < dimension
      // The query of a feature that does not exist is 0.
      let second = hasSecond ? bytes[4 + halfLength + index] ^ 0x80 : 0
      upper[index] = first >> 4 | second & 0xF0
      lower[index] = first & 15 | second << 4
      let (a, b) = (2 * Int(first & 15) - 15, hasSecond ? 2 * Int(second & 15) - 15 : 0)
      squares += a * a + b * b
    }
    // A little too long, so that rounding never makes a bound too small.
    remainders[row] = Float(Double(squares).squareRoot() / 2).nextUp
  }

  private var scales: UnsafeMutablePointer<Float> {
    scaleMemory.base.assumingMemoryBound(to: Float.self)
  }

  private var remainders: UnsafeMutablePointer<Float> {
    remainderMemory.base.assumingMemoryBound(to: Float.self)
  }

  /// Calls `body` with each row whose score may be at least a threshold, and its score, in ascending order of rows.
  func forEachScore(
    _ query: ScanQuery, rows: Range<Int>, atLeast threshold: Float, kernels: any Kernels,
    _ body: (Int, Float) -> Void
  ) {
    let upper = products(
      query, upperMemory.base + rows.lowerBound * halfLength, rows: rows.count, kernels: kernels)
    let chosen = self.rows(rows, upper: upper, query: query, atLeast: threshold)
    guard !chosen.isEmpty else { return }
    let lowerBytes = [UInt8](unsafeUninitializedCapacity: chosen.count * halfLength) {
      bytes, count in
      count = chosen.count * halfLength
      for (place, row) in chosen.enumerated() {
        bytes.baseAddress?.advanced(by: place * halfLength).update(
          from: lowerMemory.base.assumingMemoryBound(to: UInt8.self) + row * halfLength,
          count: halfLength)
      }
    }
    let lower = lowerBytes.withUnsafeBytes { bytes in
      bytes.baseAddress.map { products(query, $0, rows: chosen.count, kernels: kernels) } ?? []
    }
    for (row, lower) in zip(chosen, lower) {
      let product = 16 * Int(upper[row - rows.lowerBound]) + Int(lower) - 128 * query.codeSum
      body(row, Float(product) * (scales[row] * query.scale))
    }
  }

  /// The rows whose score may be at least a threshold.
  private func rows(
    _ rows: Range<Int>, upper: [Int32], query: ScanQuery, atLeast threshold: Float
  ) -> [Int] {
    let offset = 120.5 * Double(query.codeSum)
    let (length, scale, threshold) = (query.codeLength, Double(query.scale), Double(threshold))
    let (scales, remainders) = (scales, remainders)
    return [Int](unsafeUninitializedCapacity: rows.count) { chosen, count in
      for row in rows {
        let bound =
          (16 * Double(upper[row - rows.lowerBound]) - offset + Double(remainders[row]) * length)
          * scale * Double(scales[row])
        chosen[count] = row
        // The score is rounded to float32, so it may exceed its bound a little.
        count += bound + 1e-6 * abs(bound) >= threshold ? 1 : 0
      }
    }
  }

  /// The dot product of the query with the upper or the lower bits of each row.
  private func products(
    _ query: ScanQuery, _ codes: UnsafeRawPointer, rows: Int, kernels: any Kernels
  ) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: rows) { output, count in
      query.codes.withUnsafeBytes { inputs in
        guard let inputs = inputs.baseAddress, let output = output.baseAddress else { return }
        kernels.dotHalfBytes(
          CodeProduct(
            rows: rows, length: halfLength, codes: codes, stride: halfLength, inputs: inputs,
            output: output, outputStride: rows))
        count = rows
      }
    }
  }
}
