import AttentionCore
import Foundation

/// The tables of an index.
extension DatabaseConnection {
  private static let version = 1

  func createTables(_ settings: IndexSettings) throws {
    try run(
      """
      CREATE TABLE settings (version INTEGER NOT NULL, value BLOB NOT NULL, checksum INTEGER NOT NULL)
      """)
    try run(
      """
      CREATE TABLE state (version INTEGER NOT NULL, generation INTEGER NOT NULL, row_count INTEGER NOT NULL,
      document_count INTEGER NOT NULL, passage_count INTEGER NOT NULL, document_sum INTEGER NOT NULL,
      piece_sum INTEGER NOT NULL, checksum INTEGER NOT NULL)
      """)
    try run(
      """
      CREATE TABLE documents (id INTEGER PRIMARY KEY AUTOINCREMENT, name BLOB NOT NULL UNIQUE,
      first_row INTEGER NOT NULL, row_count INTEGER NOT NULL, checksum INTEGER NOT NULL)
      """)
    try run(
      """
      CREATE TABLE contents (id INTEGER PRIMARY KEY, text BLOB NOT NULL, metadata BLOB NOT NULL,
      ranges BLOB NOT NULL)
      """)
    try run(
      """
      CREATE TABLE pieces (first_row INTEGER PRIMARY KEY, vector_checksums BLOB NOT NULL,
      codes_checksum INTEGER NOT NULL)
      """)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let value = Array(try encoder.encode(settings))
    try run(
      "INSERT INTO settings VALUES (?, ?, ?)",
      [.integer(Self.version), .bytes(value), StoredValue(Checksum.of(value))])
    try run("INSERT INTO state VALUES (0, 0, 0, 0, 0, 0, 0, 0)")
    try write(StoredState())
  }

  /// Whether the tables exist: a process may have been killed before it created them.
  func hasTables() throws -> Bool {
    try !texts("SELECT name FROM sqlite_master WHERE name = 'settings'").isEmpty
  }

  // MARK: Settings and state

  /// - Throws: ``SearchError/damaged(path:reason:)``; ``SearchError/notAnIndex(path:reason:)`` for a later version.
  func settings() throws -> IndexSettings {
    var found: [IndexSettings] = []
    try forEachRow("SELECT version, value, checksum FROM settings") { row in
      guard let version = row[0].integer, let value = row[1].bytes,
        row[2].checksum == Checksum.of(value)
      else { throw damaged("the settings have another checksum") }
      guard version == Self.version else {
        throw SearchError.notAnIndex(
          path: path, reason: "version \(version) of the format, expected \(Self.version)")
      }
      guard let settings = try? JSONDecoder().decode(IndexSettings.self, from: Data(value)),
        (1...IndexSettings.dimensionLimit).contains(settings.dimension)
      else { throw damaged("invalid settings") }
      found.append(settings)
    }
    guard found.count == 1 else { throw damaged("\(found.count) rows of settings, expected 1") }
    return found[0]
  }

  func state() throws -> StoredState {
    var found: [StoredState] = []
    try forEachRow(
      """
      SELECT version, generation, row_count, document_count, passage_count, document_sum, piece_sum, checksum
      FROM state
      """
    ) { row in
      let numbers = row.compactMap(\.integer)
      guard numbers.count == 8 else { throw damaged("invalid state") }
      let state = StoredState(
        version: numbers[0], generation: numbers[1], rowCount: numbers[2],
        documentCount: numbers[3],
        passageCount: numbers[4], documentSum: UInt64(UInt(bitPattern: numbers[5])),
        pieceSum: UInt64(UInt(bitPattern: numbers[6])))
      guard state.checksum == row[7].checksum, state.rowCount >= 0 else {
        throw damaged("the state has another checksum")
      }
      found.append(state)
    }
    guard found.count == 1 else { throw damaged("\(found.count) rows of state, expected 1") }
    return found[0]
  }

  func write(_ state: StoredState) throws {
    try run(
      """
      UPDATE state SET version = ?, generation = ?, row_count = ?, document_count = ?, passage_count = ?,
      document_sum = ?, piece_sum = ?, checksum = ?
      """,
      [
        .integer(state.version), .integer(state.generation), .integer(state.rowCount),
        .integer(state.documentCount), .integer(state.passageCount), StoredValue(state.documentSum),
        StoredValue(state.pieceSum), StoredValue(state.checksum),
      ])
  }

  // MARK: Documents

  /// All documents in the order of their rows.
  func documents() throws -> [StoredDocument] {
    var documents: [StoredDocument] = []
    try forEachRow(
      "SELECT id, first_row, row_count, checksum FROM documents ORDER BY first_row"
    ) { documents.append(try document($0[...])) }
    return documents
  }

  /// The document with a name; nil if there is none.
  func document(named name: String) throws -> StoredDocument? {
    var found: StoredDocument?
    try forEachRow(
      "SELECT id, first_row, row_count, checksum FROM documents WHERE name = ?", [StoredValue(name)]
    ) { found = try document($0[...]) }
    return found
  }

  private func document(_ row: ArraySlice<StoredValue>) throws -> StoredDocument {
    let numbers = row.compactMap(\.integer)
    guard numbers.count == 4, numbers[1] >= 0, numbers[2] >= 0, numbers[1] <= Int.max - numbers[2]
    else { throw damaged("invalid row of a document") }
    return StoredDocument(
      id: numbers[0], firstRow: numbers[1], rowCount: numbers[2],
      contentChecksum: UInt64(UInt(bitPattern: numbers[3])))
  }

  /// The names of all documents, in ascending order of their bytes.
  func documentNames() throws -> [String] {
    var names: [String] = []
    try forEachRow("SELECT name FROM documents ORDER BY name") { row in
      guard let name = row[0].string else { throw damaged("invalid name of a document") }
      names.append(name)
    }
    return names
  }

  func insert(_ content: StoredContent, firstRow: Int) throws -> StoredDocument {
    let checksum = content.checksum
    try run(
      "INSERT INTO documents (name, first_row, row_count, checksum) VALUES (?, ?, ?, ?)",
      [
        StoredValue(content.document.name), .integer(firstRow), .integer(content.ranges.count),
        StoredValue(checksum),
      ])
    let id = lastID
    var ranges: [UInt8] = []
    for range in content.ranges {
      for bound in [range.lowerBound, range.upperBound] {
        withUnsafeBytes(of: Int64(bound).littleEndian) { ranges += $0 }
      }
    }
    let metadata = content.document.metadata.sorted { $0.key < $1.key }
      .map { (key: $0.key, value: JSONText.string($0.value)) }
    try run(
      "INSERT INTO contents VALUES (?, ?, ?, ?)",
      [
        .integer(id), StoredValue(content.document.text), StoredValue(JSONText.object(metadata)),
        .bytes(ranges),
      ])
    return StoredDocument(
      id: id, firstRow: firstRow, rowCount: content.ranges.count, contentChecksum: checksum)
  }

  func delete(_ document: StoredDocument) throws {
    try run("DELETE FROM documents WHERE id = ?", [.integer(document.id)])
    try run("DELETE FROM contents WHERE id = ?", [.integer(document.id)])
  }

  func move(_ document: StoredDocument, to firstRow: Int) throws {
    try run(
      "UPDATE documents SET first_row = ? WHERE id = ?",
      [.integer(firstRow), .integer(document.id)])
  }

  /// The content of a document; nil if the document was deleted.
  ///
  /// - Throws: ``SearchError/damaged(path:reason:)`` if it has another checksum.
  func content(of document: StoredDocument) throws -> StoredContent? {
    var found: StoredContent?
    try forEachRow(
      """
      SELECT name, text, metadata, ranges FROM documents JOIN contents USING (id) WHERE id = ?
      """, [.integer(document.id)]
    ) { row in
      guard let name = row[0].string, let text = row[1].string,
        let metadata = Self.metadata(row[2].bytes), let ranges = Self.ranges(row[3].bytes)
      else { throw damaged("invalid row of the document at row \(document.firstRow)") }
      let content = StoredContent(
        document: SearchDocument(name: name, text: text, metadata: metadata), ranges: ranges)
      guard content.checksum == document.contentChecksum, ranges.count == document.rowCount else {
        throw damaged("document \(quoted(name)) has another checksum")
      }
      found = content
    }
    return found
  }

  private static func metadata(_ bytes: [UInt8]?) -> [String: String]? {
    guard let bytes, let object = try? JSON.parse(bytes).object else { return nil }
    var metadata: [String: String] = [:]
    for member in object.members {
      guard let text = member.value.string else { return nil }
      metadata[member.key] = text
    }
    return metadata
  }

  private static func ranges(_ bytes: [UInt8]?) -> [Range<Int>]? {
    guard let bytes, bytes.count % 16 == 0 else { return nil }
    return bytes.withUnsafeBytes { bytes in
      var ranges: [Range<Int>] = []
      for start in stride(from: 0, to: bytes.count, by: 16) {
        let bounds = [start, start + 8].map {
          Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int64.self)))
        }
        guard 0 <= bounds[0], bounds[0] <= bounds[1] else { return nil }
        ranges.append(bounds[0]..<bounds[1])
      }
      return ranges
    }
  }

  // MARK: Pieces

  /// The pieces of the vector files from a row on, in order.
  func pieces(from row: Int) throws -> [StoredPiece] {
    var pieces: [StoredPiece] = []
    try forEachRow(
      """
      SELECT first_row, vector_checksums, codes_checksum FROM pieces WHERE first_row >= ?
      ORDER BY first_row
      """, [.integer(row)]
    ) { row in
      guard let first = row[0].integer, let bytes = row[1].bytes, let codes = row[2].checksum,
        bytes.count % 8 == 0, bytes.count / 8 <= StoredPiece.rowLimit, first >= 0
      else { throw damaged("invalid checksums of vectors") }
      let checksums = bytes.withUnsafeBytes { bytes in
        stride(from: 0, to: bytes.count, by: 8).map {
          UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
        }
      }
      pieces.append(
        StoredPiece(firstRow: first, vectorChecksums: checksums, codesChecksum: codes))
    }
    return pieces
  }

  func insert(_ piece: StoredPiece) throws {
    var bytes: [UInt8] = []
    for checksum in piece.vectorChecksums {
      withUnsafeBytes(of: checksum.littleEndian) { bytes += $0 }
    }
    try run(
      "INSERT INTO pieces VALUES (?, ?, ?)",
      [.integer(piece.firstRow), .bytes(bytes), StoredValue(piece.codesChecksum)])
  }
}
