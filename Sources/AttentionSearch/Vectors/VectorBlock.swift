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
  private(set) var count = 0
  private let rows: Rows

  private enum Rows {
    /// float32 vectors, or the bits of binary vectors.
    case bytes(VectorMemory)
    case int8(Int8Memory)
  }

  private var codeByteCount: Int { format.codeByteCount(dimension: dimension) }

  init(format: VectorFormat, dimension: Int) throws {
    self.format = format
    self.dimension = dimension
    capacity = Self.capacity(format: format, dimension: dimension)
    rows =
      format == .int8
      ? .int8(try Int8Memory(capacity: capacity, dimension: dimension))
      : .bytes(
        try VectorMemory(byteCount: capacity * format.codeByteCount(dimension: dimension)))
  }

  /// Appends vectors in the format of the files: `VectorFormat.fileByteCount(dimension:)` bytes each.
  func append(_ bytes: UnsafeRawBufferPointer) {
    let stride = format.fileByteCount(dimension: dimension)
    guard stride > 0 else { return }
    let added = bytes.count / stride
    precondition(count + added <= capacity, "a block has room for \(capacity) vectors")
    switch rows {
    case .bytes(let memory):
      UnsafeMutableRawBufferPointer(start: memory.base + count * stride, count: bytes.count)
        .copyMemory(from: bytes)
    case .int8(let memory):
      for row in 0..<added {
        memory.write(
          UnsafeRawBufferPointer(rebasing: bytes[(row * stride)..<((row + 1) * stride)]),
          toRow: count + row)
      }
    }
    count += added
  }

  /// Calls `body` with each row whose score may be at least a threshold, and its score, in ascending order of rows: the
  /// dot product of float32 or quantized int8 vectors.
  func forEachScore(
    _ query: ScanQuery, rows range: Range<Int>, atLeast threshold: Float, kernels: any Kernels,
    _ body: (Int, Float) -> Void
  ) {
    switch rows {
    case .int8(let memory):
      memory.forEachScore(query, rows: range, atLeast: threshold, kernels: kernels, body)
    case .bytes(let memory):
      let scores = dotProducts(
        query, memory.base + range.lowerBound * codeByteCount, rows: range.count, kernels: kernels)
      for (row, score) in zip(range, scores) where score >= threshold { body(row, score) }
    }
  }

  private func dotProducts(
    _ query: ScanQuery, _ start: UnsafeRawPointer, rows: Int, kernels: any Kernels
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: rows) { output, count in
      query.vector.withUnsafeBufferPointer { vector in
        guard let vector = vector.baseAddress, let output = output.baseAddress else { return }
        kernels.scoreKeys(
          CacheProduct(
            rows: 1, keys: rows, dimension: dimension, inputs: vector, inputStride: dimension,
            cache: start.assumingMemoryBound(to: Float.self), cacheStride: dimension,
            output: output, outputStride: rows))
        count = rows
      }
    }
  }

  /// The number of bits of each binary vector that differ from the query's.
  func differentBits(
    _ query: ScanQuery, rows range: Range<Int>, kernels: any Kernels
  ) -> [Int32] {
    guard case .bytes(let memory) = rows else { return [] }
    return [Int32](unsafeUninitializedCapacity: range.count) { output, count in
      query.codes.withUnsafeBytes { inputs in
        guard let inputs = inputs.baseAddress, let output = output.baseAddress else { return }
        kernels.countDifferentBits(
          CodeProduct(
            rows: range.count, length: codeByteCount,
            codes: memory.base + range.lowerBound * codeByteCount, stride: codeByteCount,
            inputs: inputs, output: output, outputStride: range.count))
        count = range.count
      }
    }
  }
}

/// A query in float32 and in the format of a scan.
struct ScanQuery: Sendable {
  let vector: [Float]
  /// The int8 features, filled up to an even number with 0, or the bits.
  let codes: [UInt8]
  let scale: Float
  /// The sum of the int8 features.
  let codeSum: Int
  /// The length of the vector of int8 features.
  let codeLength: Double

  init(_ vector: [Float], format: VectorFormat) {
    self.vector = vector
    var integers: [Int8] = []
    (codes, scale) = vector.withUnsafeBufferPointer { numbers in
      switch format {
      case .float32: return ([], 1)
      case .int8:
        let scale: Float
        (scale, integers) = VectorFormat.quantized(numbers)
        let padding = [Int8](repeating: 0, count: integers.count % 2)
        return ((integers + padding).map { UInt8(bitPattern: $0) }, scale)
      case .binary: return (VectorFormat.signs(numbers), 1)
      }
    }
    codeSum = integers.reduce(0) { $0 + Int($1) }
    codeLength = Double(integers.reduce(0) { $0 + Int($1) * Int($1) }).squareRoot()
  }
}
