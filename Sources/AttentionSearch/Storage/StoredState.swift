/// The state of an index after a change: one row of its database, which a transaction replaces.
struct StoredState: Sendable, Hashable {
  /// Increases with each change.
  var version = 0
  /// The number in the names of the vector files. Compaction writes new files.
  var generation = 0
  /// The number of rows of the vector files that belong to the index. Bytes after them are from an interrupted change.
  var rowCount = 0
  var documentCount = 0
  /// The number of rows that belong to documents.
  var passageCount = 0
  /// The sum of the checksums of all documents' rows in the database, modulo 2⁶⁴.
  var documentSum: UInt64 = 0
  /// The sum of the checksums of all pieces of the vector files, modulo 2⁶⁴.
  var pieceSum: UInt64 = 0

  var checksum: UInt64 {
    var input = ChecksumInput()
    for number in [version, generation, rowCount, documentCount, passageCount] { input.add(number) }
    input.add(documentSum)
    input.add(pieceSum)
    return input.checksum
  }
}

/// A document's place in the index: one row of its database, without the text.
struct StoredDocument: Sendable, Hashable {
  /// Never used again for another document.
  var id: Int
  /// The row of its first passage, and the number of its passages.
  var firstRow: Int
  var rowCount: Int
  /// The checksum of its name, text, metadata and passages.
  var contentChecksum: UInt64

  var rows: Range<Int> { firstRow..<firstRow + rowCount }

  var checksum: UInt64 {
    var input = ChecksumInput()
    for number in [id, firstRow, rowCount] { input.add(number) }
    input.add(contentChecksum)
    return input.checksum
  }
}

/// Consecutive rows of the vector files that were written at once, with their checksums.
struct StoredPiece: Sendable, Hashable {
  var firstRow: Int
  /// The checksum of each float32 vector.
  var vectorChecksums: [UInt64]
  /// The checksum of the rows in the file of codes; 0 without that file.
  var codesChecksum: UInt64

  /// The largest number of rows of a piece, which is read at once.
  static let rowLimit = 4_096

  var rows: Range<Int> { firstRow..<firstRow + vectorChecksums.count }

  var checksum: UInt64 {
    var input = ChecksumInput()
    input.add(firstRow)
    input.add(codesChecksum)
    for checksum in vectorChecksums { input.add(checksum) }
    return input.checksum
  }
}

/// The text and the passages of a document.
struct StoredContent: Sendable, Hashable {
  var document: SearchDocument
  /// The range of each passage in the text, in Unicode scalars.
  var ranges: [Range<Int>]

  var checksum: UInt64 {
    var input = ChecksumInput()
    input.add(document.name)
    input.add(document.text)
    for (key, value) in document.metadata.sorted(by: { $0.key < $1.key }) {
      input.add(key)
      input.add(value)
    }
    for range in ranges {
      input.add(range.lowerBound)
      input.add(range.upperBound)
    }
    return input.checksum
  }
}
