import AttentionModels

/// Reads texts from a file, or from standard input for the path `-`.
enum TextFile {
  /// The name of a path in errors.
  static func name(of path: String) -> String { path == "-" ? "standard input" : path }

  /// Whether each line of the file is JSON.
  static func isJSONLines(_ path: String) -> Bool { path.lowercased().hasSuffix(".jsonl") }

  /// All texts of a file, one per line.
  ///
  /// - Throws: `CLIError.Usage` for a file that does not exist or has no text; the errors of
  ///   `forEachChunk(of:inFile:_:)`.
  static func texts(inFile path: String) throws -> [String] {
    if path != "-" { try requireReadable(path) }
    var texts: [String] = []
    try forEachChunk(of: 4_096, inFile: path) { chunk, _ in texts += chunk }
    guard !texts.isEmpty else { throw CLIError.Usage("\(path): no text") }
    return texts
  }

  /// The whole file as one text, without the line feed at its end.
  ///
  /// - Throws: `ModelError.text` with the number of a line that is not UTF-8.
  static func text(ofFile path: String) throws -> String {
    let reader = try LineReader(path: path)
    var lines: [String] = []
    while let line = try reader.next() { lines.append(try reader.text(of: line)) }
    return lines.joined(separator: "\n")
  }

  /// Calls `body` with up to `size` texts at a time, in order, and with the fraction of the file that has
  /// been read (nil if unknown). Each line is a text; in a `.jsonl` file, a JSON string or an object with a
  /// string "text".
  ///
  /// Texts before a malformed line are passed to `body` before the error is thrown.
  ///
  /// - Throws: `ModelError.text` with the number of a line that is not UTF-8 or not the expected JSON;
  ///   the errors of `body`.
  static func forEachChunk(
    of size: Int, inFile path: String, _ body: ([String], Double?) throws -> Void
  ) throws {
    let reader = try LineReader(path: path)
    let isJSON = isJSONLines(path)
    var chunk: [String] = []
    var failure: (any Error)?
    while failure == nil {
      do {
        guard let line = try reader.next() else { break }
        let text = try reader.text(of: line)
        chunk.append(isJSON ? try self.text(ofJSON: text, reader) : text)
      } catch {
        failure = error
      }
      if chunk.count == size {
        try body(chunk, reader.share)
        chunk.removeAll()
      }
    }
    if !chunk.isEmpty { try body(chunk, reader.share) }
    if let failure { throw failure }
  }

  /// The text in a line of JSON.
  private static func text(ofJSON line: String, _ reader: LineReader) throws -> String {
    let json: JSON
    do {
      json = try JSON.parse(Array(line.utf8))
    } catch let error as JSONError {
      throw reader.failure("\(error)")
    }
    guard let text = json.string ?? json.object?["text"]?.string else {
      throw reader.failure(#"expected a JSON string or an object with a string "text""#)
    }
    return text
  }
}
