import AttentionCore
import Foundation
import GRDB

/// The database of an index. All values are read without assumptions about their types, so that a damaged file is an
/// error.
struct IndexDatabase: Sendable {
  let path: String
  private let pool: any DatabaseWriter

  /// Opens the database, and creates the file if it does not exist.
  init(folder: IndexFolder) throws {
    path = folder.database
    var configuration = GRDB.Configuration()
    configuration.busyMode = .timeout(20)
    configuration.maximumReaderCount = 16
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA synchronous = FULL")
    }
    do {
      pool = try DatabasePool(path: path, configuration: configuration)
    } catch {
      throw Self.error(error, path: path)
    }
  }

  /// Reads one state of the database; changes of other connections stay invisible.
  func read<Value>(_ body: (DatabaseConnection) throws -> Value) throws -> Value {
    do {
      return try pool.read { try body(DatabaseConnection(database: $0, path: path)) }
    } catch {
      throw Self.error(error, path: path)
    }
  }

  /// Changes the database in one transaction, while no other connection can. An error undoes the change.
  func write<Value>(_ body: (DatabaseConnection) throws -> Value) throws -> Value {
    do {
      return try pool.writeWithoutTransaction { database in
        var result: Value?
        try database.inTransaction(.immediate) {
          result = try body(DatabaseConnection(database: database, path: path))
          try Cancellation.check()
          return .commit
        }
        // Moves the change into the main file, as far as readers allow it; never waits.
        _ = try? database.checkpoint(.passive)
        guard let result else { throw SearchError.storage(path: path, reason: "no result") }
        return result
      }
    } catch {
      throw Self.error(error, path: path)
    }
  }

  /// Checks the structure of the file: all of a small file, otherwise only on request.
  func checkStructure(always: Bool) throws {
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int ?? 0
    guard always || size <= Self.checkedByteCount else { return }
    let report = try read { try $0.texts("PRAGMA integrity_check(1)") }
    guard report == ["ok"] else {
      throw SearchError.damaged(path: path, reason: report.first ?? "no result of the check")
    }
  }

  /// The largest file that is checked when it is opened: about 20 ms.
  private static let checkedByteCount = 4 << 20

  /// The typed error for an error of SQLite.
  private static func error(_ error: any Error, path: String) -> any Error {
    guard let error = error as? DatabaseError else { return error }
    let reason = error.message ?? "\(error.resultCode)"
    return switch error.resultCode.primaryResultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: SearchError.busy(path: path)
    // A statement that does not fit the schema means that the schema is damaged.
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH,
      .SQLITE_FORMAT, .SQLITE_SCHEMA:
      SearchError.damaged(path: path, reason: reason)
    default: SearchError.storage(path: path, reason: reason)
    }
  }
}

/// A connection inside of a transaction.
struct DatabaseConnection {
  fileprivate let database: Database
  let path: String

  fileprivate init(database: Database, path: String) {
    (self.database, self.path) = (database, path)
  }

  /// Runs a statement without results.
  func run(_ sql: String, _ arguments: [StoredValue] = []) throws {
    try database.execute(
      sql: sql, arguments: StatementArguments(arguments.map(\.databaseValue)))
  }

  /// Calls `body` with each row of a query.
  func forEachRow(
    _ sql: String, _ arguments: [StoredValue] = [], _ body: ([StoredValue]) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      database, sql: sql, arguments: StatementArguments(arguments.map(\.databaseValue)))
    var cancellation = CancellationSteps()
    while let row = try rows.next() {
      if cancellation.isRequested() { try Cancellation.check() }
      try body(row.databaseValues.map(StoredValue.init))
    }
  }

  /// The texts in the first column of a query.
  func texts(_ sql: String) throws -> [String] {
    var texts: [String] = []
    try forEachRow(sql) { if case .text(let text)? = $0.first { texts.append(text) } }
    return texts
  }

  /// The id of the row that was inserted last.
  var lastID: Int { Int(database.lastInsertedRowID) }

  func damaged(_ reason: String) -> SearchError { .damaged(path: path, reason: reason) }
}

/// A value in the database. Texts are stored as bytes, because SQLite ends a text at a NUL.
enum StoredValue: Sendable, Hashable {
  case integer(Int)
  case bytes([UInt8])
  case text(String)
  case other

  init(_ text: String) { self = .bytes(Array(text.utf8)) }
  init(_ checksum: UInt64) { self = .integer(Int(bitPattern: UInt(checksum))) }

  fileprivate init(_ value: DatabaseValue) {
    switch value.storage {
    case .int64(let number): self = .integer(Int(number))
    case .blob(let data): self = .bytes(Array(data))
    case .string(let text): self = .text(text)
    case .null, .double: self = .other
    }
  }

  fileprivate var databaseValue: DatabaseValue {
    switch self {
    case .integer(let number): number.databaseValue
    case .bytes(let bytes): Data(bytes).databaseValue
    case .text(let text): text.databaseValue
    case .other: .null
    }
  }

  var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
  /// A text that is stored as bytes.
  var string: String? { bytes.flatMap { String(validating: $0, as: UTF8.self) } }
  var checksum: UInt64? { integer.map { UInt64(UInt(bitPattern: $0)) } }
}
