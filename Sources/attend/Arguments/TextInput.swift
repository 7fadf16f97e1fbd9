import ArgumentParser
import AttentionModels
import Foundation

/// Where a verb's texts come from: its arguments, or the lines of a file.
struct TextInput: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The texts. Those that begin with a dash stand after all options and --.",
      valueName: "text"))
  var texts: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      A file with one text a line; - is standard input. In a .jsonl file each line is a JSON \
      string, or an object with a string "text".
      """, valueName: "file"))
  var input: String?

  mutating func validate() throws {
    if texts.isEmpty == (input == nil) {
      throw ValidationError(
        texts.isEmpty
          ? "no text: give it as an argument, or a file with --input"
          : "texts as arguments and --input exclude each other")
    }
  }

  /// Refuses a file that is not there, before any work.
  func check() throws {
    if let input, input != "-" { try requireReadable(input) }
  }

  /// Calls `body` with up to `size` texts at a time, in order, and with the share of the input that
  /// has been read, if that is known; with all those before a broken line, too.
  ///
  /// - Throws: `ModelError.text` with the line's number for a line that is not UTF-8 or not the JSON
  ///   it should be, and what `body` throws.
  func forEachChunk(of size: Int, _ body: ([String], Double?) throws -> Void) throws {
    guard let input else {
      for start in stride(from: 0, to: texts.count, by: size) {
        let end = min(start + size, texts.count)
        try body(Array(texts[start..<end]), Double(end) / Double(texts.count))
      }
      return
    }
    try Self.forEachChunk(of: size, inFile: input, body)
  }

  /// All texts of a file.
  ///
  /// - Throws: `Failure.Usage` for one that is not there or has none; as `forEachChunk` does.
  static func texts(inFile path: String) throws -> [String] {
    if path != "-" { try requireReadable(path) }
    var texts: [String] = []
    try forEachChunk(of: 4_096, inFile: path) { chunk, _ in texts += chunk }
    guard !texts.isEmpty else { throw Failure.Usage("\(path): no text") }
    return texts
  }

  /// The same for the lines of a file; `-` is standard input.
  static func forEachChunk(
    of size: Int, inFile input: String, _ body: ([String], Double?) throws -> Void
  ) throws {
    let reader = try LineReader(path: input)
    let isJSON = input.lowercased().hasSuffix(".jsonl")
    var chunk: [String] = []
    var failure: (any Error)?
    while failure == nil {
      do {
        guard let line = try reader.next() else { break }
        let text = try reader.text(of: line)
        chunk.append(isJSON ? try Self.text(ofJSON: text, reader) : text)
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
    } catch {
      throw reader.failure("\(error)")
    }
    guard let text = json.string ?? json.object?["text"]?.string else {
      throw reader.failure(#"expected a JSON string or an object with a string "text""#)
    }
    return text
  }
}
