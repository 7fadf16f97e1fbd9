import ArgumentParser
import Attention
import AttentionModels
import AttentionSearch
import Foundation

/// The documents in files and folders.
///
/// - A line of a file is a document, `FILE:LINE`; with `isWhole`, the file is a document, `FILE`.
/// - A file in a folder is a document with its path in the folder.
/// - A line of a `.jsonl` file is a document: a string, or an object with "text" and perhaps "name" and "metadata".
struct DocumentInput {
  /// A file that cannot be read as text is skipped in a folder, and is an error otherwise.
  private(set) var skippedCount = 0

  private struct File {
    let path: String
    let name: String
    let isWhole: Bool
    let isInFolder: Bool
    let byteCount: Int
  }

  private let files: [File]

  /// - Parameters:
  ///   - paths: files and folders; `-` is standard input.
  ///   - isWhole: whether a file is one document.
  /// - Throws: `CLIError.Usage` for a path that cannot be read.
  init(_ paths: [String], isWhole: Bool) throws {
    files = try paths.flatMap { path in
      guard path != "-", isDirectory(path) else {
        if path != "-" { try requireReadable(path, flag: "--input") }
        return [
          File(
            path: path, name: path == "-" ? "stdin" : (path as NSString).lastPathComponent,
            isWhole: isWhole, isInFolder: false, byteCount: Self.byteCount(of: path))
        ]
      }
      return try Self.files(in: path, below: "").map { name in
        File(
          path: "\(path)/\(name)", name: name, isWhole: true, isInFolder: true,
          byteCount: Self.byteCount(of: "\(path)/\(name)"))
      }
    }
  }

  /// The names of the regular files in a folder and its subfolders, in ascending order, without hidden files and
  /// without the files of search indexes.
  private static func files(in folder: String, below prefix: String) throws -> [String] {
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(prefix)")
    } catch {
      throw CLIError.Usage("--input \(printable(folder)): a folder that cannot be read")
    }
    guard !entries.contains("index.sqlite") else { return [] }
    return try entries.sorted().filter { !$0.hasPrefix(".") }.flatMap { entry in
      let name = prefix + entry
      var status = stat()
      guard lstat("\(folder)/\(name)", &status) == 0 else { return [String]() }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: return try files(in: folder, below: name + "/")
      case S_IFREG: return [name]
      default: return []
      }
    }
  }

  private static func byteCount(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Calls `body` with some documents at a time, and with the fraction of the input that has been read.
  ///
  /// - Throws: `ModelError.text` with the number of a line that is not UTF-8 or not the expected JSON.
  mutating func forEachChunk(
    of size: Int, _ body: ([SearchDocument], Double?) throws -> Void
  ) throws {
    let total = files.reduce(0) { $0 + $1.byteCount }
    var done = 0
    var chunk: [SearchDocument] = []
    var textByteCount = 0
    func flush(_ share: Double?) throws {
      if !chunk.isEmpty { try body(chunk, share) }
      chunk.removeAll()
      textByteCount = 0
    }
    for file in files {
      func share(_ ofFile: Double?) -> Double? {
        ofFile.map { (Double(done) + $0 * Double(file.byteCount)) / Double(max(total, 1)) }
      }
      do {
        try Self.read(file) { document, part in
          chunk.append(document)
          textByteCount += document.text.utf8.count
          if chunk.count >= size || textByteCount >= Self.textLimit { try flush(share(part)) }
        }
      } catch let error as ModelError where file.isInFolder && !TextFile.isJSONLines(file.path) {
        guard case .text(_, _, "not UTF-8") = error else { throw error }
        skippedCount += 1
      }
      done += file.byteCount
    }
    try flush(files.contains { $0.path == "-" } ? nil : 1)
  }

  /// The bytes of text that are embedded at a time.
  private static let textLimit = 1 << 20

  private static func read(_ file: File, _ body: (SearchDocument, Double?) throws -> Void) throws {
    if file.isWhole, !TextFile.isJSONLines(file.path) {
      return try body(
        SearchDocument(name: file.name, text: TextFile.text(ofFile: file.path)), 1)
    }
    let reader = try LineReader(path: file.path)
    let isJSON = TextFile.isJSONLines(file.path)
    var number = 0
    while let line = try reader.next() {
      number += 1
      let text = try reader.text(of: line)
      guard !text.allSatisfy(\.isWhitespace) else { continue }
      let name = "\(file.name):\(number)"
      try body(
        isJSON
          ? document(ofJSON: text, name: name, reader) : SearchDocument(name: name, text: text),
        reader.share)
    }
  }

  private static func document(
    ofJSON line: String, name: String, _ reader: LineReader
  ) throws -> SearchDocument {
    let json: JSON
    do {
      json = try JSON.parse(Array(line.utf8))
    } catch let error as JSONError {
      throw reader.failure("\(error)")
    }
    guard let text = json.string ?? json.object?["text"]?.string else {
      throw reader.failure(#"expected a JSON string or an object with a string "text""#)
    }
    var document = SearchDocument(name: name, text: text)
    guard let object = json.object else { return document }
    if let name = object["name"] {
      guard let name = name.string, !name.isEmpty else {
        throw reader.failure(#""name": expected a string that is not empty"#)
      }
      document.name = name
    }
    if let metadata = object["metadata"] {
      guard let members = metadata.object?.members else {
        throw reader.failure(#""metadata": expected an object with strings"#)
      }
      for member in members {
        guard let value = member.value.string else {
          throw reader.failure("\"metadata\": \(quoted(member.key)): expected a string")
        }
        document.metadata[member.key] = value
      }
    }
    return document
  }
}
