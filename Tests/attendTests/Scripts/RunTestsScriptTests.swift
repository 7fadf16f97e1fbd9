import Foundation
import TestSupport
import Testing

/// `Scripts/run-tests`, with a shell script instead of the built tests.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/stat"), "needs Linux"))
struct RunTestsScriptTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private var log: String { directory.path("log/tests.log") }

  /// Runs the script with a test runner that executes `body`.
  private func runTests(
    _ body: String, _ arguments: String..., environment: [String: String] = [:]
  ) throws -> AttendRun {
    let runner = try directory.write("#!/bin/sh\n\(body)\n".utf8, to: "allPackageTests.xctest")
    let swift = try directory.write("#!/bin/sh\necho '\(directory.path(""))'\n".utf8, to: "swift")
    for path in [runner, swift] { #expect(chmod(path, 0o755) == 0) }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let script = ArticleCode.root(of: #filePath).appendingPathComponent("Scripts/run-tests").path
    return try AttendProcess(
      "/bin/bash", [script] + arguments,
      environment: [
        "PATH": "\(directory.path("")):\(path)", "ATTENTION_TEST_LOG": log,
        // The products of an outer run would start all tests again.
        "ATTENTION_TEST_PRODUCTS": "",
      ].merging(environment) { $1 }
    ).finished()
  }

  @Test func `For passing tests only the summary is shown, and the log has everything`() throws {
    let run = try runTests(
      """
      echo '◇ Test "a run with 3 tests" started.' >&2
      for n in 1 2 3; do
        echo "◇ Test case passing 1 argument n → $n to \\"a run with 3 tests\\" started." >&2
      done
      echo '✔ Test "a run with 3 tests" with 3 test cases passed after 0.1 seconds.' >&2
      echo '✔ Suite S passed after 0.1 seconds.' >&2
      echo '✔ Test run with 1 test in 1 suite passed after 0.2 seconds.' >&2
      """)
    #expect(run.status == 0, "\(run)")
    #expect(
      run.outputLines == [
        "✔ Test run with 1 test in 1 suite passed after 0.2 seconds.", "The whole log: \(log)",
      ])
    let kept = String(decoding: try bytes(ofFile: log), as: UTF8.self)
    #expect(kept.contains("argument n → 2") && kept.split(separator: "\n").count == 7)
  }

  @Test func `A failure is shown completely, with the exit status of the runner`() throws {
    let issue = """
      ✘ Test "a b" recorded an issue with 1 argument n → 3 at t.swift:7:66: Expectation failed: x
      ↳ first line
        second line
      """
    let run = try runTests(
      """
      echo '◇ Test "a b" started.'
      cat <<END
      \(issue)
      ✘ Test "a b" with 5 test cases failed after 0.001 seconds with 1 issue.
      ✘ Test run with 1 test in 1 suite failed after 0.002 seconds with 1 issue.
      END
      exit 7
      """)
    #expect(run.status == 7, "\(run)")
    #expect(run.output.hasPrefix(issue + "\n"), "\(run)")
    #expect(run.output.contains("✘ Test run with 1 test in 1 suite failed"), "\(run)")
    #expect(run.output.contains("Failed:\n  \"a b\"\n"), "\(run)")
    #expect(!run.output.contains("ended early"), "\(run)")
  }

  @Test func `A crash is shown with the tests that were running`() throws {
    let run = try runTests(
      """
      echo '◇ Test fine() started.'
      echo '✔ Test fine() passed after 0.1 seconds.'
      echo '◇ Test broken() started.'
      echo 'Fatal error: Index out of range'
      kill -ILL $$
      """)
    #expect(run.status == 128 + SIGILL, "\(run)")
    #expect(run.output.contains("Fatal error: Index out of range"), "\(run)")
    #expect(run.output.hasSuffix("ended early:\n  broken()\n"), "\(run)")
    let quiet = try runTests("echo '◇ Test broken() started.'")
    #expect(quiet.status == 1, "no summary: \(quiet)")
    #expect(quiet.output.hasSuffix("ended early:\n  broken()\n"), "\(quiet)")
  }

  @Test func `A test that does not end is named, and its processes are killed`() throws {
    let run = try runTests(
      """
      echo '◇ Test "far to go" started.'
      echo '◇ Test fine() started.'
      echo '◇ Test case passing 2 arguments n → 1, text → "to be" to "far to go" started.'
      echo '✘ Test fine() failed after 0.1 seconds with 1 issue.'
      echo $$ > '\(directory.path("pid"))'
      while :; do sleep 1; done
      """, environment: ["ATTENTION_TEST_STALL": "2"])
    #expect(run.status == 1, "\(run)")
    #expect(
      run.output.hasSuffix(
        "Running when the tests stalled:\n  \"far to go\", last argument: n → 1, text → \"to be\"\n"
      ),
      "\(run)")
    #expect(run.output.contains("Failed:\n  fine()\n"), "\(run)")
    #expect(run.error.contains("2 s"), "\(run)")
    let pid = String(decoding: try bytes(ofFile: directory.path("pid")), as: UTF8.self)
    let runner = try #require(Int32(pid.dropLast()))
    #expect(kill(runner, 0) == -1, "the runner is still running")
  }

  @Test func `Options after -- go to the runner`() throws {
    let run = try runTests(
      "echo \"options: $*\"; echo '✔ Test run with 0 tests passed.'", "-c", "release", "--",
      "--filter", "Bench")
    #expect(run.status == 0, "\(run)")
    #expect(run.outputLines.first == "options: --testing-library swift-testing --filter Bench")
  }

  @Test(arguments: ["0", "soon", "-1"])
  func `An invalid time is refused`(seconds: String) throws {
    let run = try runTests("exit 0", environment: ["ATTENTION_TEST_STALL": seconds])
    #expect(run.status == 1)
    #expect(run.error.contains("ATTENTION_TEST_STALL") && run.error.contains("'\(seconds)'"))
  }
}
