import ArgumentParser
import AttentionModels

/// What the texts of a verb that writes are called, and what its help says about them.
protocol PromptKind {
  static var name: String { get }
  static var argument: String { get }
  static var file: String { get }
}

/// Where the texts of a verb that writes come from: its arguments, a file, or standard input.
struct PromptInput<Kind: PromptKind>: ParsableArguments {
  @Argument(help: ArgumentHelp(Kind.argument, valueName: Kind.name))
  var texts: [String] = []

  @Option(help: ArgumentHelp(Kind.file, valueName: "file"))
  var input: String?

  mutating func validate() throws {
    if !texts.isEmpty, input != nil {
      throw ValidationError("a \(Kind.name) as argument and --input exclude each other")
    }
  }

  /// Refuses a file that is not there, and having no text at all, before any work.
  ///
  /// - Parameter takesStandardInput: whether that is read where nothing else is named, if something is
  ///   there to be read.
  func check(takesStandardInput: Bool = true) throws {
    guard texts.isEmpty else { return }
    if let input {
      if input != "-" { try requireReadable(input) }
    } else if !takesStandardInput || StandardInput.isTerminal {
      throw Failure.Usage(
        "no \(Kind.name): give it as an argument, or a file with --input"
          + (takesStandardInput ? ", or a pipe" : ""))
    }
  }

  /// Whether a person types the texts, one after the other.
  var isTyped: Bool { texts.isEmpty && path == "-" && StandardInput.isTerminal }

  /// Calls `body` with up to `size` texts at a time, in order, and with the share of the input that
  /// has been read, if that is known; with all those before a broken line, too.
  ///
  /// - Parameter isWhole: whether all of a file is one text, rather than each of its lines. The end of
  ///   its last line is no part of it. Each line of a `.jsonl` file is a text in any case.
  /// - Throws: `Failure.Usage` for standard input without text where no other was named;
  ///   `ModelError.text` for a line that is not what it should be, and what `body` throws.
  func forEachChunk(
    of size: Int, isWhole: Bool = false, _ body: ([String], Double?) throws -> Void
  ) throws {
    if !texts.isEmpty {
      for start in stride(from: 0, to: texts.count, by: size) {
        let end = min(start + size, texts.count)
        try body(Array(texts[start..<end]), Double(end) / Double(texts.count))
      }
      return
    }
    var isEmpty = true
    if isWhole, !path.lowercased().hasSuffix(".jsonl") {
      let text = try wholeText(ofFile: path)
      isEmpty = text.allSatisfy(\.isWhitespace)
      if !isEmpty { try body([text], 1) }
    } else {
      try TextInput.forEachChunk(of: isTyped ? 1 : size, inFile: path) { texts, share in
        isEmpty = false
        try body(texts, share)
      }
    }
    if isEmpty, input == nil || isWhole {
      throw Failure.Usage("\(path == "-" ? "standard input" : path): no \(Kind.name)")
    }
  }

  private var path: String { input ?? "-" }
}

/// All of a file as one text, without the end of its last line; `-` is standard input.
///
/// - Throws: `ModelError.text` with the number of a line that is not UTF-8.
func wholeText(ofFile path: String) throws -> String {
  let reader = try LineReader(path: path)
  var lines: [String] = []
  while let line = try reader.next() { lines.append(try reader.text(of: line)) }
  return lines.joined(separator: "\n")
}
