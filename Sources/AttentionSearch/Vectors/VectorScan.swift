import AttentionModels

/// The vectors of a snapshot: `count` rows in blocks, and the rows that are deleted.
struct VectorScan: Sendable {
  let format: VectorFormat
  let dimension: Int
  private let blockCapacity: Int
  private(set) var blocks: [VectorBlock] = []
  private(set) var count = 0
  /// A bit for each row, 1 for a deleted row; may be shorter than the number of rows.
  var deleted = RowSet()

  /// The rows that a thread scans between two checks for cancellation: 0.2 ms of work at 10 GB/s in float32, and
  /// enough pieces for an even division of 100,000 rows among threads.
  private static let rowsPerPiece = 2_048

  init(format: VectorFormat, dimension: Int) {
    self.format = format
    self.dimension = dimension
    blockCapacity = VectorBlock.capacity(format: format, dimension: dimension)
  }

  /// Appends vectors in the format of the files. Copies of this value keep their number of rows, and share the memory
  /// of the rows; only the copy with the most rows can be extended in place.
  ///
  /// - Throws: `AttentionError.memory`.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
    let stride = format.fileByteCount(dimension: dimension)
    guard stride > 0 else { return }
    var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
    while rest.count >= stride {
      if count == blocks.count * blockCapacity {
        blocks.append(try VectorBlock(format: format, dimension: dimension))
      }
      let block = blocks[blocks.count - 1]
      let filled = count - (blocks.count - 1) * blockCapacity
      precondition(isExtensible, "another copy has appended rows")
      let added = min(rest.count / stride, blockCapacity - filled)
      try requireMemory(
        byteCount: added * format.codeByteCount(dimension: dimension), purpose: "vectors")
      block.append(UnsafeRawBufferPointer(rebasing: rest[..<(added * stride)]))
      rest = UnsafeRawBufferPointer(rebasing: rest[(added * stride)...])
      count += added
    }
  }

  /// Whether no other copy has appended rows.
  var isExtensible: Bool {
    guard let last = blocks.last else { return true }
    return last.count == count - (blocks.count - 1) * blockCapacity
  }

  private struct Piece: Sendable {
    let block: Int
    let rows: Range<Int>
  }

  private var pieces: [Piece] {
    blocks.indices.flatMap { block in
      let rows = min(count - block * blockCapacity, blockCapacity)
      return stride(from: 0, to: rows, by: Self.rowsPerPiece).map {
        Piece(block: block, rows: $0..<min($0 + Self.rowsPerPiece, rows))
      }
    }
  }

  /// The rows with the fewest different bits in ascending order; among equal numbers, the first rows.
  ///
  /// The scores are small integers, so counting them finds the limit: a heap of hundreds of candidates would take
  /// several times as long as the scan.
  private func nearestRows(to query: ScanQuery, limit: Int) throws -> [Int] {
    let kernels = Backend.current.kernels
    let pieces = pieces
    let distances = try Workers.map(pieces, chunk: 1) { _, piece in
      blocks[piece.block].differentBits(query, rows: piece.rows, kernels: kernels)
    }
    let hasDeleted = !deleted.isEmpty
    var counts = [Int](repeating: 0, count: 8 * format.codeByteCount(dimension: dimension) + 1)
    func forEach(_ body: (_ row: Int, _ distance: Int) -> Void) {
      for (piece, distances) in zip(pieces, distances) {
        let first = piece.block * blockCapacity + piece.rows.lowerBound
        for (index, distance) in distances.enumerated()
        where !hasDeleted || !deleted.contains(first + index) {
          body(first + index, Int(distance))
        }
      }
    }
    forEach { counts[$1] += 1 }
    var (bound, closer) = (0, 0)
    while bound < counts.count - 1, closer + counts[bound] < limit {
      closer += counts[bound]
      bound += 1
    }
    // All closer rows, and the first rows at the bound.
    var room = max(0, limit - closer)
    var found: [Int] = []
    forEach { row, distance in
      guard distance <= bound else { return }
      if distance == bound {
        guard room > 0 else { return }
        room -= 1
      }
      found.append(row)
    }
    return found
  }

  /// The rows for each query whose scores are worth computing in float32, in ascending order.
  ///
  /// - Throws: `CancellationError` if the current task is cancelled.
  func candidates(for queries: [ScanQuery], limit: Int) throws -> [[Int]] {
    let limit = min(limit, count)
    guard limit > 0 else { return queries.map { _ in [] } }
    if format == .binary { return try queries.map { try nearestRows(to: $0, limit: limit) } }
    return try best(for: queries, limit: limit).map { $0.map(\.row).sorted() }
  }

  /// The rows of float32 or int8 vectors with the highest dot products for each query, the best first. The threads of
  /// the current scope share the rows; the result does not depend on their number.
  ///
  /// - Throws: `CancellationError` if the current task is cancelled.
  func best(for queries: [ScanQuery], limit: Int) throws -> [[Candidate]] {
    let limit = min(limit, count)
    guard limit > 0, !queries.isEmpty else { return queries.map { _ in [] } }
    let pieces = pieces
    let kernels = Backend.current.kernels
    let best = queries.map { _ in SharedCandidates(limit: limit) }
    _ = try Workers.map(pieces, chunk: 1) { _, piece in
      let first = piece.block * blockCapacity
      for (query, best) in zip(queries, best) {
        // Of the pieces that other threads have read.
        let threshold = best.threshold
        var top = TopCandidates(limit: limit)
        blocks[piece.block].forEachScore(
          query, rows: piece.rows, atLeast: threshold, kernels: kernels
        ) { row, score in
          guard score >= top.threshold, !deleted.contains(first + row) else { return }
          top.offer(Candidate(row: first + row, score: score))
        }
        best.offer(top)
      }
    }
    return best.map(\.sorted)
  }
}

/// A set of row numbers.
struct RowSet: Sendable {
  private var words: [UInt64] = []

  var isEmpty: Bool { words.isEmpty }

  func contains(_ row: Int) -> Bool {
    row >> 6 < words.count && words[row >> 6] >> UInt64(row & 63) & 1 == 1
  }

  mutating func insert(_ rows: Range<Int>) {
    guard !rows.isEmpty else { return }
    while words.count <= (rows.upperBound - 1) >> 6 { words.append(0) }
    for row in rows { words[row >> 6] |= 1 << UInt64(row & 63) }
  }
}
