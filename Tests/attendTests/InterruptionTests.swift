import Foundation
import TestSupport
import Testing

/// Signals, closed pipes and streams, and a full disk.
@Suite struct InterruptionTests {
  private let directory: TemporaryDirectory
  private let model: String

  init() throws {
    directory = try TemporaryDirectory()
    model = try TinyModel.write(to: directory)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP], [false, true])
  func `A signal ends the process with status 128 + number and leaves no file`(
    signal: Int32, isBlockedAtStart: Bool
  ) throws {
    let lines = try directory.write(
      String(repeating: "the cat sat on the mat .\n", count: 200_000).utf8, to: "lines.txt")
    let results = try directory.makeDirectory("results")
    let process = try AttendProcess(
      attendPath,
      ["embed", "--model", model, "--input", lines, "--output", "\(results)/vectors.jsonl"],
      blockedSignal: isBlockedAtStart ? signal : nil)
    let deadline = ContinuousClock.now + .seconds(30)
    while try FileManager.default.contentsOfDirectory(atPath: results).isEmpty,
      process.isRunning, ContinuousClock.now < deadline
    {
      usleep(10_000)
    }
    #expect(try !FileManager.default.contentsOfDirectory(atPath: results).isEmpty)
    kill(process.processIdentifier, signal)
    let run = try process.finished()
    #expect(run.status == 128 + signal, "\(run)")
    #expect(run.error.isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: results).isEmpty)
  }

  @Test func `A signal that the parent ignores stays ignored`() throws {
    let run = try shell(
      """
      trap '' INT
      "$0" tokenize --model "$1" --input "$2" &
      (echo the; sleep 0.3; kill -INT $!; sleep 0.1; echo cat) > "$2"
      wait $!
      """, model, try directory.pipe("fifo"))
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("cat"))
  }

  @Test func `A closed pipe gives no error message`() throws {
    let lines = try directory.write(
      String(repeating: "the cat sat\n", count: 20_000).utf8, to: "lines.txt")
    let script = #""$0" tokenize --format jsonl --model "$1" --input "$2" | head -1"#
    let run = try shell(script, model, lines)
    #expect(run.outputLines.count == 1)
    #expect(run.error.isEmpty)
    // Some parents start processes with SIGPIPE ignored.
    let ignoring = try shell("trap '' PIPE; " + script, model, lines)
    #expect(ignoring.outputLines.count == 1)
    #expect(ignoring.error.isEmpty)
  }

  @Test func `A full disk is a failure and leaves no file`() throws {
    let lines = try directory.write(
      String(repeating: "the cat sat\n", count: 5_000).utf8, to: "lines.txt")
    let results = try directory.makeDirectory("results")
    let limited = try shell(
      #"ulimit -f 8; "$0" embed --model "$1" --input "$2" --output "$3/vectors.jsonl""#, model,
      lines,
      results)
    #expect(limited.status == 1, "\(limited)")
    #expect(limited.error.contains("vectors.jsonl: cannot be written"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: results).isEmpty)
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
    arguments: ["example", "--help"])
  func `Results that cannot be printed are a failure`(argument: String) throws {
    let run = try shell(#""$0" "$1" > /dev/full"#, argument)
    #expect(run.status == 1, "\(run)")
    #expect(run.error.contains("standard output: cannot be written"))
  }

  @Test func `Closed streams are errors, and no file gets their descriptors`() throws {
    let output = directory.path("vectors.jsonl")
    let closedOutput = try shell(#""$0" example >&-"#)
    #expect(closedOutput.status == 1)
    #expect(closedOutput.error.contains("standard output"))
    #expect(try shell(#""$0" tokenize --model "$1" --input - <&-"#, model).status == 1)
    #expect(try shell(#""$0" ponder 2>&-"#).status == 2)
    // The message about truncation goes to standard error, which must not be the output file.
    let long = String(repeating: "cat ", count: 20)
    let run = try shell(
      #""$0" embed --model "$1" "$2" --output "$3" <&- >&- 2>&-"#, model, long, output)
    #expect(run.status == 0, "\(run)")
    let expected = try attend("embed", "--model", model, long)
    #expect(try bytes(ofFile: output) == expected.outputBytes)
  }
}
