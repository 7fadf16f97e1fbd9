import Foundation
import TestSupport
import Testing

/// With little memory or without threads, a command works or ends with an error, never with a signal.
@Suite(.hangLimit) struct ResourceLimitTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Each command with the demo models.
  static let commands = [
    ["example"], ["tokenize", "--model", "toy-gpt2", "the cat"],
    ["generate", "--model", "toy-gpt2", "--max-tokens", "3", "the cat"],
    ["translate", "--model", "toy-t5", "--max-tokens", "3", "the cat"],
    ["bench", "gemm", "--seconds", "0", "--repetitions", "1", "--shape", "64x64x64"],
  ]

  @Test(arguments: commands)
  func `a command in a small address space ends without a signal`(arguments: [String]) throws {
    for megabytes in [150, 250, 300, 350, 420] {
      let run = try AttendProcess(
        "/bin/sh",
        ["-c", #"ulimit -v "$1"; shift; exec "$0" "$@""#, attendPath, "\(megabytes * 1024)"]
          + arguments
      ).finished()
      #expect(run.status < 128, "\(megabytes) MB: \(run)")
      if run.status != 0 {
        // 127: the system could not load the libraries.
        #expect(run.status == 127 || run.error.contains("memory"), "\(megabytes) MB: \(run)")
      }
    }
  }

  @Test func `a configuration of 40 MB is refused in a small address space`() throws {
    let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: 1) + [UInt8(ascii: ",")]
    let bytes = Array("{\"a\":[".utf8) + (0..<20_000_000).flatMap { _ in zeros } + Array("0]}".utf8)
    try directory.write(bytes, to: "config.json")
    let run = try shell(#"ulimit -v 800000; exec "$0" embed --model "$1" x"#, directory.path)
    #expect(run.status == 1 || run.status == 2, "\(run)")
    #expect(run.error.contains("config.json") && run.error.contains("limit of 4194304"), "\(run)")
  }

  private func threadCount(environment: [String: String]) throws -> Int? {
    let pipe = try directory.pipe("input-\(environment.count)")
    let process = try AttendProcess(
      attendPath, ["tokenize", "--model", "toy-gpt2", "--input", pipe], environment: environment)
    // The process is ready when it waits for its input.
    let input = open(pipe, O_WRONLY)
    let status = try String(
      contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
    close(input)
    _ = try process.finished()
    return status.split(separator: "\n").first { $0.hasPrefix("Threads:") }
      .flatMap { Int($0.dropFirst(8).filter { !$0.isWhitespace }) }
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")),
    .enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1))
  func `OpenBLAS starts without threads, unless the user asks for them`() throws {
    // The main thread, and the thread that handles signals.
    #expect(try threadCount(environment: [:]) == 2)
    #expect(try threadCount(environment: ["OPENBLAS_NUM_THREADS": "2"]) == 3)
  }

  @Test(
    .enabled(if: geteuid() == 0, "only the superuser can become another user"),
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/setpriv")))
  func `a user without threads can compute`() throws {
    let run = try AttendProcess(
      "/bin/sh",
      [
        "-c",
        """
        chmod 755 "$1" && cp "$0" "$1/attend" && cd "$1" && exec setpriv --reuid 65534 --regid 65534 \
        --clear-groups prlimit --nproc=1 ./attend bench gemm --seconds 0 \
        --no-peak --shape 64x64x64
        """, attendPath, directory.path,
      ]
    ).finished()
    #expect(run.status == 0, "\(run)")
  }
}
