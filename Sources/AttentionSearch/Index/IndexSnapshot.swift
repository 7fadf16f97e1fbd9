import AttentionCore
import AttentionModels

/// One state of an index in memory: its vectors, and where its documents' passages are. Immutable.
final class IndexSnapshot: Sendable {
  let state: StoredState
  let scan: VectorScan
  /// In the order of their rows.
  let documents: [StoredDocument]
  /// The checksum of each float32 vector.
  let vectorChecksums: [UInt64]
  /// The float32 vectors; nil for an index without vectors.
  let vectorFile: InputFile?

  private init(
    state: StoredState, scan: VectorScan, documents: [StoredDocument], vectorChecksums: [UInt64],
    vectorFile: InputFile?
  ) {
    self.state = state
    self.scan = scan
    self.documents = documents
    self.vectorChecksums = vectorChecksums
    self.vectorFile = vectorFile
  }

  /// Reads the state that a connection sees. Vectors that an earlier snapshot has read are not read again.
  ///
  /// - Throws: ``SearchError/damaged(path:reason:)`` for a wrong checksum, a missing or a short file, or tables that
  ///   contradict each other; `AttentionError.memory`.
  static func load(
    _ connection: DatabaseConnection, folder: IndexFolder, settings: IndexSettings,
    after earlier: IndexSnapshot?
  ) throws -> IndexSnapshot {
    let state = try connection.state()
    if let earlier, earlier.state == state { return earlier }
    var scan = VectorScan(format: settings.format, dimension: settings.dimension)
    var checksums: [UInt64] = []
    var pieceSum: UInt64 = 0
    if let earlier, earlier.state.generation == state.generation,
      earlier.state.rowCount <= state.rowCount, earlier.scan.isExtensible
    {
      (scan, checksums, pieceSum) = (earlier.scan, earlier.vectorChecksums, earlier.state.pieceSum)
    }
    let files = try IndexFiles(folder: folder, settings: settings, state: state)
    for piece in try connection.pieces(from: scan.count) {
      guard piece.firstRow == scan.count, piece.rows.upperBound <= state.rowCount,
        !piece.rows.isEmpty
      else {
        throw connection.damaged("the checksums of vectors from row \(scan.count) are missing")
      }
      try files.read(piece).withUnsafeBytes { try scan.append($0) }
      checksums += piece.vectorChecksums
      pieceSum &+= piece.checksum
    }
    guard scan.count == state.rowCount, pieceSum == state.pieceSum else {
      throw connection.damaged("the checksums of vectors are not those of the state")
    }
    let documents = try connection.documents()
    scan.deleted = try rowsOutside(documents, state: state, connection)
    return IndexSnapshot(
      state: state, scan: scan, documents: documents, vectorChecksums: checksums,
      vectorFile: files.vectors)
  }

  /// The rows that belong to no document. Also checks that the rows of documents are in the files and not shared.
  private static func rowsOutside(
    _ documents: [StoredDocument], state: StoredState, _ connection: DatabaseConnection
  ) throws -> RowSet {
    var outside = RowSet()
    var (next, sum) = (0, UInt64(0))
    for document in documents {
      guard document.firstRow >= next, document.rows.upperBound <= state.rowCount else {
        throw connection.damaged("the passages of two documents have the same rows")
      }
      outside.insert(next..<document.firstRow)
      next = document.rows.upperBound
      sum &+= document.checksum
    }
    let passageCount = documents.reduce(0) { $0 + $1.rowCount }
    guard
      documents.count == state.documentCount, passageCount == state.passageCount,
      sum == state.documentSum
    else {
      throw connection.damaged("the documents are not those of the state")
    }
    outside.insert(next..<state.rowCount)
    return outside
  }

  /// The document of a row, by bisection.
  func document(ofRow row: Int) -> StoredDocument? {
    var (low, high) = (0, documents.count)
    while low < high {
      let middle = (low + high) / 2
      if documents[middle].rows.upperBound <= row { low = middle + 1 } else { high = middle }
    }
    return low < documents.count && documents[low].rows.contains(row) ? documents[low] : nil
  }

  /// Reads float32 vectors, and checks them.
  ///
  /// - Throws: ``SearchError/damaged(path:reason:)``.
  func readVectors(_ rows: [Int], into target: UnsafeMutableBufferPointer<Float>) throws {
    guard let vectorFile else { return }
    let byteCount = 4 * scan.dimension
    let bytes = UnsafeMutableRawBufferPointer(target)
    for (index, row) in rows.enumerated() {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: bytes[index * byteCount..<(index + 1) * byteCount])
      try IndexFiles.read(vectorFile, into: part, at: row * byteCount)
      guard Checksum.of(UnsafeRawBufferPointer(part)) == vectorChecksums[row] else {
        throw SearchError.damaged(
          path: vectorFile.path, reason: "vector \(row) has another checksum")
      }
    }
  }

  /// The best passages for each query.
  func search(_ queries: [[Float]], top: Int) throws -> [[Candidate]] {
    let prepared = queries.map { ScanQuery($0, format: scan.format) }
    guard scan.format != .float32 else { return try scan.best(for: prepared, limit: top) }
    let candidates = try scan.candidates(
      for: prepared, limit: scan.format.candidateCount(resultCount: top))
    return try zip(prepared, candidates).map { query, rows in
      try ExactScores.best(of: rows, for: query.vector, limit: top, read: readVectors)
    }
  }
}

/// The vector files of one state of an index, open for reading.
struct IndexFiles {
  let settings: IndexSettings
  let vectors: InputFile?
  private let codes: InputFile?

  init(folder: IndexFolder, settings: IndexSettings, state: StoredState) throws {
    self.settings = settings
    func file(_ path: String, rowByteCount: Int) throws -> InputFile? {
      guard state.rowCount > 0 else { return nil }
      let file: InputFile
      do {
        file = try InputFile(path: path)
      } catch AttentionError.file(_, let reason) {
        throw SearchError.damaged(path: path, reason: reason)
      }
      let (expected, overflow) = state.rowCount.multipliedReportingOverflow(by: rowByteCount)
      guard !overflow, file.byteCount >= expected else {
        throw VectorFile.truncated(path, expected: expected, found: file.byteCount)
      }
      return file
    }
    vectors = try file(folder.vectors(state.generation), rowByteCount: 4 * settings.dimension)
    codes =
      settings.format == .float32
      ? nil
      : try file(
        folder.codes(state.generation),
        rowByteCount: settings.format.fileByteCount(dimension: settings.dimension))
  }

  /// The rows of a piece in the format of the search.
  ///
  /// - Throws: ``SearchError/damaged(path:reason:)`` for a wrong checksum.
  func read(_ piece: StoredPiece) throws -> [UInt8] {
    guard let codes else { return try readVectors(piece) }
    let bytes = try Self.read(
      codes, rows: piece.rows,
      rowByteCount: settings.format.fileByteCount(dimension: settings.dimension))
    guard Checksum.of(bytes) == piece.codesChecksum else {
      throw SearchError.damaged(
        path: codes.path, reason: "vectors \(piece.rows) have another checksum")
    }
    return bytes
  }

  /// The float32 vectors of a piece.
  func readVectors(_ piece: StoredPiece) throws -> [UInt8] {
    guard let vectors else { return [] }
    let rowByteCount = 4 * settings.dimension
    let bytes = try Self.read(vectors, rows: piece.rows, rowByteCount: rowByteCount)
    try bytes.withUnsafeBytes { bytes in
      for (index, expected) in piece.vectorChecksums.enumerated() {
        let row = UnsafeRawBufferPointer(
          rebasing: bytes[index * rowByteCount..<(index + 1) * rowByteCount])
        guard Checksum.of(row) == expected else {
          throw SearchError.damaged(
            path: vectors.path, reason: "vector \(piece.firstRow + index) has another checksum")
        }
      }
    }
    return bytes
  }

  private static func read(_ file: InputFile, rows: Range<Int>, rowByteCount: Int) throws -> [UInt8]
  {
    let count = rows.count * rowByteCount
    try requireMemory(byteCount: count, purpose: "reading \(printable(file.path))")
    return try [UInt8](uninitializedCount: count) {
      try read(file, into: UnsafeMutableRawBufferPointer($0), at: rows.lowerBound * rowByteCount)
    }
  }

  static func read(
    _ file: InputFile, into target: UnsafeMutableRawBufferPointer, at position: Int
  ) throws {
    do {
      try file.read(into: target, at: position)
    } catch AttentionError.file(let path, let reason) {
      throw SearchError.damaged(path: path, reason: reason)
    }
  }
}
