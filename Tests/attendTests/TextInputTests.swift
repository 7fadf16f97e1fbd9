import Foundation
import TestSupport
import Testing

/// Texts as arguments, from files and from pipes, for each command that takes texts.
@Suite struct TextInputTests {
  private let directory: TemporaryDirectory
  private let encoder: String
  private let decoder: String

  init() throws {
    directory = try TemporaryDirectory()
    encoder = try TinyModel.write(to: directory)
    decoder = try TinyGPT2.write(to: directory)
  }

  static let commands = [
    "tokenize", "embed", "explain", "generate", "translate", "summarize", "answer",
  ]

  private func arguments(_ command: String) -> [String] {
    let writes = ["generate", "translate", "summarize", "answer"].contains(command)
    return [command, "--model", writes ? decoder : encoder]
      + (writes ? ["--max-tokens", "2"] : [])
      + (command == "answer" ? ["--context", "the dog ran ."] : [])
  }

  private func run(_ command: String, _ more: String..., input: String? = nil) throws -> AttendRun {
    try attend(arguments(command) + more, input: input.map { Array($0.utf8) })
  }

  @Test(arguments: commands)
  func `A text is an argument, a file, or piped in`(command: String) throws {
    let expected = try run(command, "the cat")
    #expect(expected.status == 0 && !expected.output.isEmpty, "\(expected)")
    let file = try directory.write("the cat\n".utf8, to: "text.txt")
    let json = try directory.write(#"{"text": "the cat"}"#.utf8, to: "text.jsonl")
    for run in [
      try run(command, "--input", file), try run(command, "--input", json),
      try run(command, input: "the cat"), try run(command, input: "\u{FEFF}the cat\r\n"),
      try run(command, "--input", "-", input: "the cat\n"),
    ] {
      #expect(run.status == 0 && run.output == expected.output, "\(run)")
    }
    // With an argument, standard input is not read.
    #expect(try run(command, "the cat", input: "\u{1}").output == expected.output)
  }

  @Test(arguments: commands)
  func `A slow pipe is read to its end`(command: String) throws {
    let words = arguments(command).map { "'\($0)'" }.joined(separator: " ")
    let run = try shell(#"(printf 'the '; sleep 0.3; echo cat) | "$0" "# + words)
    #expect(try run.output == self.run(command, "the cat").output, "\(run)")
  }

  @Test(arguments: commands)
  func `Invalid UTF-8 is refused with the number of its line`(command: String) throws {
    let bytes = Array("the\ncat\n".utf8) + [0x63, 0xE9, 0x0A]
    let piped = try attend(arguments(command), input: bytes)
    #expect(piped.status == 1, "\(piped)")
    #expect(piped.error.contains("standard input, line 3: not UTF-8"), "\(piped)")
    let file = try directory.write(bytes, to: "latin1.txt")
    let read = try run(command, "--input", file)
    #expect(read.status == 1 && read.error.contains("latin1.txt, line 3: not UTF-8"), "\(read)")
  }

  private func expectRefusal(
    _ run: AttendRun, _ words: [String], _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == 2 && run.output.isEmpty, "\(run)", sourceLocation: location)
    let first = run.error.split(separator: "\n").first ?? ""
    for word in words { #expect(first.contains(word), "\(run)", sourceLocation: location) }
    #expect(run.error.contains("\nUsage: attend "), sourceLocation: location)
  }

  @Test(arguments: commands)
  func `A missing text is refused`(command: String) throws {
    let name = ["generate": "prompt", "answer": "question"][command] ?? "text"
    expectRefusal(try run(command), ["standard input: no \(name)"])
    expectRefusal(try run(command, input: ""), ["standard input: no \(name)"])
  }

  @Test(.enabled(if: Terminal.isAvailable), arguments: commands)
  func `A terminal is not read as input`(command: String) throws {
    let terminal = try Terminal(columns: 80)
    let run = try AttendProcess(
      attendPath, arguments(command), inputTerminal: terminal.handle
    ).finished()
    let name = ["generate": "prompt", "answer": "question"][command] ?? "text"
    expectRefusal(run, ["no \(name)", "--input", "pipe"])
  }

  @Test(arguments: commands)
  func `A text as an argument together with a file is refused`(command: String) throws {
    expectRefusal(try run(command, "the cat", "--input", "file"), ["argument", "--input"])
  }

  @Test(arguments: commands)
  func `A file that cannot be read is refused with its flag`(command: String) throws {
    for (path, reason) in [
      (directory.path("none.txt"), "no such file"), (directory.path, "is a directory"),
      ("", "\"\": an empty path"),
    ] {
      expectRefusal(
        try run(command, "--input", path),
        ["--input \(path.isEmpty ? reason : "\(path): \(reason)")"])
    }
  }

  @Test func `explain reads a file as one text`() throws {
    let file = try directory.write("the cat\nsat\n".utf8, to: "lines.txt")
    let run = try run("explain", "--input", file, "--format", "json")
    #expect(try jsonObject(run.output)["text"] as? String == "the cat\nsat", "\(run)")
    let several = try directory.write("\"the\"\n\"cat\"\n".utf8, to: "lines.jsonl")
    expectRefusal(try self.run("explain", "--input", several), ["lines.jsonl", "one text"])
  }

  @Test func `Questions can be piped if the context is not`() throws {
    let context = try directory.write("the dog ran .\n".utf8, to: "context.txt")
    let arguments = ["answer", "--model", decoder, "--max-tokens", "2", "--context-file", context]
    let run = try attend(arguments, input: Array("the cat\na dog\n".utf8))
    #expect(run.status == 0 && run.outputLines.count == 2, "\(run)")
    #expect(try attend(arguments + ["the cat"]).outputLines == [run.outputLines[0]])
  }
}
