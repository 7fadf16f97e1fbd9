import ArgumentParser
import AttentionModels

/// The kind of a command's texts: their name, and whether a file is one text or several.
protocol TextKind {
  /// The singular noun: text, prompt, question.
  static var name: String { get }
  /// Whether a file is one text. If not, and in every `.jsonl` file, each line is a text.
  static var isWholeFile: Bool { get }
  /// The help of the arguments.
  static var argumentHelp: String { get }
  /// The last part of the help of `--input`: when the command reads standard input.
  static var pipeHelp: String { get }
}

extension TextKind {
  static var isWholeFile: Bool { false }
  static var argumentHelp: String {
    "The \(name)s. Put -- before a \(name) that starts with a dash."
  }
  static var pipeHelp: String { "(default: standard input, if piped)" }
}

/// The texts of a command, from its arguments, a file, or standard input. Every command that takes texts uses
/// this group.
struct TextInput<Kind: TextKind>: ParsableArguments {
  @Argument(
    help: ArgumentHelp(Kind.argumentHelp, valueName: Kind.name))
  var texts: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Read \(Kind.isWholeFile ? "one \(Kind.name) from this file" : "one \(Kind.name) per line from this file"); \
      - is standard input. In a .jsonl file each line is a JSON string or an object with a string \
      "text". \(Kind.pipeHelp)
      """, valueName: "file"))
  var input: String?

  mutating func validate() throws {
    if !texts.isEmpty, input != nil {
      throw ValidationError("expected a \(Kind.name) as an argument or --input, not both")
    }
  }

  /// Throws a usage error if the file is missing or no text is given. Call this before any work.
  ///
  /// - Parameter readsStandardInput: whether the command reads standard input if it has neither an
  ///   argument nor `--input`. It never reads a terminal.
  func check(readsStandardInput: Bool = true) throws {
    guard texts.isEmpty else { return }
    if let input {
      if input != "-" { try requireReadable(input, flag: "--input") }
    } else if !readsStandardInput || StandardInput.isTerminal {
      throw CLIError.Usage(
        "no \(Kind.name): give one as an argument, or a file with --input"
          + (readsStandardInput ? ", or pipe one in" : ""))
    }
  }

  /// Whether the texts are typed on a terminal. If so, each line is processed immediately.
  private var isTyped: Bool { texts.isEmpty && path == "-" && StandardInput.isTerminal }

  /// Calls `body` with up to `size` texts at a time, in order, and with the fraction of the input that has
  /// been read (nil if unknown). Texts before a malformed line are passed to `body` before the error is
  /// thrown.
  ///
  /// - Parameter isWhole: whether a whole file is one text; in a `.jsonl` file, each line is a text.
  /// - Throws: `CLIError.Usage` for piped input without text; `ModelError.text` for a line that is not
  ///   UTF-8 or not the expected JSON; the errors of `body`.
  func forEachChunk(
    of size: Int, isWhole: Bool = Kind.isWholeFile, _ body: ([String], Double?) throws -> Void
  ) throws {
    if !texts.isEmpty {
      for start in stride(from: 0, to: texts.count, by: size) {
        let end = min(start + size, texts.count)
        try body(Array(texts[start..<end]), Double(end) / Double(texts.count))
      }
      return
    }
    var isEmpty = true
    if isWhole, !TextFile.isJSONLines(path) {
      let text = try TextFile.text(ofFile: path)
      isEmpty = text.allSatisfy(\.isWhitespace)
      if !isEmpty { try body([text], 1) }
    } else {
      try TextFile.forEachChunk(of: isTyped ? 1 : size, inFile: path) { texts, share in
        isEmpty = false
        try body(texts, share)
      }
    }
    if isEmpty, input == nil || isWhole {
      throw CLIError.Usage("\(TextFile.name(of: path)): no \(Kind.name)")
    }
  }

  /// The only text, for a command that takes one.
  ///
  /// - Throws: `CLIError.Usage` for several texts; the errors of `forEachChunk(of:isWhole:_:)`.
  func onlyText() throws -> String {
    var all: [String] = []
    try forEachChunk(of: 2) { chunk, _ in
      all += chunk
      guard all.count == 1 else {
        throw CLIError.Usage(
          texts.isEmpty
            ? "--input \(path): expected one \(Kind.name), got several"
            : "expected one \(Kind.name), got \(texts.count): put a \(Kind.name) of several words in quotes"
        )
      }
    }
    guard let text = all.first else {
      throw CLIError.Usage("\(TextFile.name(of: path)): no \(Kind.name)")
    }
    return text
  }

  /// The name in errors of the text at `index`, from 0: its line, or its position among the arguments.
  func name(ofText index: Int, isWhole: Bool = Kind.isWholeFile) -> String {
    guard texts.isEmpty else { return "\(Kind.name) \(index + 1)" }
    let file = TextFile.name(of: path)
    return isWhole && !TextFile.isJSONLines(path) ? file : "\(file), line \(index + 1)"
  }

  private var path: String { input ?? "-" }
}
