import Foundation
import TestSupport
import Testing

/// Streaming output on a terminal, and its interruption.
@Suite struct StreamingTests {
  private let directory: TemporaryDirectory
  private let model: String

  init() throws {
    directory = try TemporaryDirectory()
    model = try TinyGPT2.write(to: directory, maxLength: 100)
  }

  /// Starts to generate a long text on a terminal.
  private func start(_ terminal: Terminal, _ arguments: String...) throws -> AttendProcess {
    // The model cannot generate the EOS token, which is suppressed.
    let long = try TinyGPT2.write(
      to: directory, named: "long", maxLength: 30_000, extra: #", "suppress_tokens": [16]"#)
    return try AttendProcess(
      attendPath, ["generate", "--model", long, "the cat", "--max-tokens", "29000"] + arguments,
      terminal: terminal.handle)
  }

  /// Waits for the first words that the terminal shows.
  private func firstShown(_ terminal: Terminal, _ process: AttendProcess) -> String {
    var shown = ""
    let deadline = ContinuousClock.now + .seconds(30)
    while shown.split(separator: " ").count < 5, process.isRunning, ContinuousClock.now < deadline {
      usleep(10_000)
      shown += terminal.lines().joined(separator: "\n")
    }
    return shown
  }

  @Test(.enabled(if: Terminal.isAvailable), arguments: [SIGINT, SIGTERM])
  func `An interrupt ends the line that a terminal shows`(signal: Int32) throws {
    let terminal = try Terminal(columns: 80)
    let process = try start(terminal, "--echo")
    let shown = firstShown(terminal, process)
    // Generation is still running.
    #expect(shown.hasPrefix("the cat "), "\(shown.prefix(100))")
    #expect(process.isRunning)
    kill(process.processIdentifier, signal)
    var rest: [String] = []
    while process.isRunning { rest += terminal.lines() }
    let run = try process.finished()
    rest += terminal.lines()
    #expect(run.status == 128 + signal, "\(run)")
    #expect(run.error.isEmpty, "\(run)")
    #expect(rest.last == "", "\(rest.suffix(3))")
  }

  @Test(.enabled(if: Terminal.isAvailable))
  func `Streaming on a terminal gives the same output as a file`() throws {
    for arguments in [["the cat"], ["the cat", "--echo"], ["the cat", "a dog"]] {
      let all = ["generate", "--model", model, "--max-tokens", "50"] + arguments
      let terminal = try Terminal(columns: 80)
      let shown = try AttendProcess(attendPath, all, terminal: terminal.handle).finished()
      #expect(shown.status == 0, "\(shown)")
      #expect(terminal.lines().joined(separator: "\n") == (try attend(all)).output)
    }
  }

  @Test func `A closed pipe gives no error message`() throws {
    let lines = try directory.write(
      String(repeating: "the cat sat\n", count: 5_000).utf8, to: "lines.txt")
    let run = try shell(
      #""$0" translate --model "$1" --input "$2" --max-tokens 2 | head -1"#, model, lines)
    #expect(run.outputLines.count == 1)
    #expect(run.error.isEmpty, "\(run)")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func `Results that cannot be written are a failure`() throws {
    let run = try shell(
      #""$0" generate --model "$1" --max-tokens 2 "the cat" > /dev/full"#, model)
    #expect(run.status == 1)
    #expect(run.error.contains("standard output: cannot be written"), "\(run)")
    let closed = try shell(#""$0" generate --model "$1" --max-tokens 2 "the cat" >&-"#, model)
    #expect(closed.status == 1 && closed.error.contains("standard output"), "\(closed)")
    #expect(try shell(#""$0" generate --model "$1" <&-"#, model).status == 1)
  }
}
