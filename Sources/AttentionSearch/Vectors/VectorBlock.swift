import AttentionModels

/// Vectors in the format of a search, up to `capacity`.
///
/// Vectors are only appended. A search reads the rows that existed when it started, so it needs no lock; one thread at
/// a time appends.
final class VectorBlock: @unchecked Sendable {
  /// The number of vectors of a block: a power of two, with at most 32 MB, so that a small index reserves little memory.
  static func capacity(format: VectorFormat, dimension: Int) -> Int {
    var capacity = 1 << 16
    while capacity > 1 << 8, capacity * format.codeByteCount(dimension: dimension) > 32 << 20 {
      capacity /= 2
    }
    return capacity
  }

  let format: VectorFormat
  let dimension: Int
  let capacity: Int
  let codes: VectorMemory
  /// The scale of each int8 vector; nil for other formats.
  private let scaleMemory: VectorMemory?
  private(set) var count = 0

  var codeByteCount: Int { format.codeByteCount(dimension: dimension) }

  init(format: VectorFormat, dimension: Int) throws {
    self.format = format
    self.dimension = dimension
    capacity = Self.capacity(format: format, dimension: dimension)
    codes = try VectorMemory(byteCount: capacity * format.codeByteCount(dimension: dimension))
    scaleMemory = format == .int8 ? try VectorMemory(byteCount: 4 * capacity) : nil
  }

  /// Appends vectors in the format of the files: `VectorFormat.fileByteCount(dimension:)` bytes each.
  func append(_ bytes: UnsafeRawBufferPointer) {
    let stride = format.fileByteCount(dimension: dimension)
    guard stride > 0 else { return }
    let added = bytes.count / stride
    precondition(count + added <= capacity, "a block has room for \(capacity) vectors")
    if let scales {
      for row in 0..<added {
        scales[count + row] = Float(
          bitPattern: UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: row * stride, as: UInt32.self)))
        copy(bytes[(row * stride + 4)..<((row + 1) * stride)], toRow: count + row)
      }
    } else {
      copy(bytes[...], toRow: count)
    }
    count += added
  }

  private func copy(_ bytes: Slice<UnsafeRawBufferPointer>, toRow row: Int) {
    UnsafeMutableRawBufferPointer(start: codes.base + row * codeByteCount, count: bytes.count)
      .copyBytes(from: bytes)
  }

  private var scales: UnsafeMutablePointer<Float>? {
    scaleMemory?.base.assumingMemoryBound(to: Float.self)
  }

  /// Calls `body` with each row in `rows` and its approximate score for the query.
  ///
  /// - float32: the dot product, which is exact.
  /// - int8: the dot product of the quantized vectors.
  /// - binary: minus the number of different bits.
  func score(
    _ query: ScanQuery, rows: Range<Int>, kernels: any Kernels, scratch: inout ScanScratch,
    _ body: (UnsafeBufferPointer<Float>) -> Void
  ) {
    scratch.withScores(count: rows.count) { scores, integers in
      guard let output = scores.baseAddress, let sums = integers.baseAddress else { return }
      let start = codes.base + rows.lowerBound * codeByteCount
      switch format {
      case .float32:
        query.vector.withUnsafeBufferPointer { vector in
          guard let vector = vector.baseAddress else { return }
          kernels.scoreKeys(
            CacheProduct(
              rows: 1, keys: rows.count, dimension: dimension, inputs: vector,
              inputStride: dimension, cache: start.assumingMemoryBound(to: Float.self),
              cacheStride: dimension, output: output, outputStride: rows.count))
        }
      case .int8, .binary:
        query.codes.withUnsafeBytes { codes in
          guard let inputs = codes.baseAddress else { return }
          let product = CodeProduct(
            rows: rows.count, length: codeByteCount, codes: start, stride: codeByteCount,
            inputs: inputs, output: sums, outputStride: rows.count)
          if format == .int8 {
            kernels.dotCodes(product)
          } else {
            kernels.countDifferentBits(product)
          }
        }
        if let scales {
          for row in 0..<rows.count {
            output[row] = Float(sums[row]) * (scales[rows.lowerBound + row] * query.scale)
          }
        } else {
          for row in 0..<rows.count { output[row] = -Float(sums[row]) }
        }
      }
      body(UnsafeBufferPointer(scores))
    }
  }
}

/// A query in float32 and in the format of a scan.
struct ScanQuery: Sendable {
  let vector: [Float]
  let codes: [UInt8]
  let scale: Float

  init(_ vector: [Float], format: VectorFormat) {
    self.vector = vector
    (codes, scale) = vector.withUnsafeBufferPointer { numbers in
      switch format {
      case .float32: return ([], 1)
      case .int8:
        let (scale, integers) = VectorFormat.quantized(numbers)
        return (integers.map { UInt8(bitPattern: $0) }, scale)
      case .binary: return (VectorFormat.signs(numbers), 1)
      }
    }
  }
}

/// Work memory for the scores of a scan.
struct ScanScratch {
  private var scores: [Float] = []
  private var integers: [Int32] = []

  mutating func withScores(
    count: Int,
    _ body: (UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Int32>) -> Void
  ) {
    if scores.count < count {
      scores = [Float](repeating: 0, count: count)
      integers = [Int32](repeating: 0, count: count)
    }
    scores.withUnsafeMutableBufferPointer { scores in
      integers.withUnsafeMutableBufferPointer { integers in
        body(
          UnsafeMutableBufferPointer(rebasing: scores[..<count]),
          UnsafeMutableBufferPointer(rebasing: integers[..<count]))
      }
    }
  }
}
