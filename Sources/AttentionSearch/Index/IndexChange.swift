import AttentionCore
import AttentionModels

/// A change of an index inside of a transaction of its database.
struct IndexChange {
  private let connection: DatabaseConnection
  private let folder: IndexFolder
  private let settings: IndexSettings
  private var state: StoredState

  init(
    _ connection: DatabaseConnection, folder: IndexFolder, settings: IndexSettings
  ) throws {
    (self.connection, self.folder, self.settings) = (connection, folder, settings)
    state = try connection.state()
    state.version += 1
  }

  /// Deletes a document; false if there is none of this name.
  @discardableResult
  mutating func remove(named name: String) throws -> Bool {
    guard let document = try connection.document(named: name) else { return false }
    try connection.delete(document)
    state.documentCount -= 1
    state.passageCount -= document.rowCount
    state.documentSum &-= document.checksum
    return true
  }

  /// Appends documents and the vectors of their passages, `[passage, dimension]`.
  mutating func append(_ contents: [StoredContent], vectors: Tensor) throws {
    var row = state.rowCount
    for content in contents {
      let document = try connection.insert(content, firstRow: row)
      row += content.ranges.count
      state.documentCount += 1
      state.passageCount += document.rowCount
      state.documentSum &+= document.checksum
    }
    var files = try VectorWriter(
      folder: folder, settings: settings, generation: state.generation, rowCount: state.rowCount)
    try Cancellation.forEachRange(of: vectors.shape[0], length: StoredPiece.rowLimit) { rows in
      let piece = try vectors.withUnsafeScalars { scalars in
        try files.append(
          UnsafeBufferPointer(
            rebasing: scalars[
              rows.lowerBound * settings.dimension..<rows.upperBound * settings.dimension]))
      }
      try connection.insert(piece)
      state.pieceSum &+= piece.checksum
    }
    try files.synchronize()
    state.rowCount = files.rowCount
  }

  /// Writes the new state.
  func finish() throws { try connection.write(state) }
}

/// Appends vectors to the files of an index.
struct VectorWriter {
  private let settings: IndexSettings
  private let vectors: VectorFile
  private let codes: VectorFile?
  private(set) var rowCount: Int

  init(folder: IndexFolder, settings: IndexSettings, generation: Int, rowCount: Int) throws {
    self.settings = settings
    self.rowCount = rowCount
    vectors = try VectorFile(
      path: folder.vectors(generation), rowByteCount: 4 * settings.dimension, rowCount: rowCount)
    codes =
      settings.format == .float32
      ? nil
      : try VectorFile(
        path: folder.codes(generation),
        rowByteCount: settings.format.fileByteCount(dimension: settings.dimension),
        rowCount: rowCount)
  }

  /// Appends the rows of a piece.
  mutating func append(_ rows: UnsafeBufferPointer<Float>) throws -> StoredPiece {
    let dimension = settings.dimension
    var piece = StoredPiece(firstRow: rowCount, vectorChecksums: [], codesChecksum: 0)
    for start in stride(from: 0, to: rows.count, by: dimension) {
      piece.vectorChecksums.append(
        Checksum.of(
          UnsafeRawBufferPointer(
            UnsafeBufferPointer(rebasing: rows[start..<start + dimension]))))
    }
    try vectors.append(UnsafeRawBufferPointer(rows))
    if let codes {
      let bytes = settings.format.encode(rowsOf: rows, dimension: dimension)
      piece.codesChecksum = Checksum.of(bytes)
      try bytes.withUnsafeBytes { try codes.append($0) }
    }
    rowCount += piece.vectorChecksums.count
    return piece
  }

  /// Waits until all rows are on the disk.
  func synchronize() throws {
    try vectors.synchronize()
    try codes?.synchronize()
  }
}

/// Copies the vectors of all documents to new files, inside of a transaction of the database.
struct IndexCompaction {
  private let connection: DatabaseConnection
  private let folder: IndexFolder
  private let settings: IndexSettings
  private var state: StoredState

  init(
    _ connection: DatabaseConnection, folder: IndexFolder, settings: IndexSettings
  ) throws {
    (self.connection, self.folder, self.settings) = (connection, folder, settings)
    state = try connection.state()
  }

  /// - Returns: the number of the new files.
  mutating func run() throws -> Int {
    let old = try IndexSnapshot.load(
      connection, folder: folder, settings: settings, after: nil)
    state.version += 1
    state.generation += 1
    (state.documentSum, state.pieceSum) = (0, 0)
    var files = try VectorWriter(
      folder: folder, settings: settings, generation: state.generation, rowCount: 0)
    try connection.run("DELETE FROM pieces")
    var row = 0
    for document in old.documents {
      var moved = document
      moved.firstRow = row
      row += document.rowCount
      // In ascending order, so no two documents ever have the same rows.
      try connection.move(document, to: moved.firstRow)
      state.documentSum &+= moved.checksum
    }
    let rows = old.documents.flatMap { Array($0.rows) }
    try Cancellation.forEachRange(of: rows.count, length: StoredPiece.rowLimit) { part in
      let count = part.count * settings.dimension
      let vectors = try [Float](uninitializedCount: count) {
        try old.readVectors(Array(rows[part]), into: $0)
      }
      let piece = try vectors.withUnsafeBufferPointer { try files.append($0) }
      try connection.insert(piece)
      state.pieceSum &+= piece.checksum
    }
    try files.synchronize()
    state.rowCount = files.rowCount
    try connection.write(state)
    return state.generation
  }
}
