import Foundation
import TestSupport

/// The exit status and the output of a run of the built executable.
struct AttendRun: CustomStringConvertible {
  /// The exit status as a shell shows it: 128 + signal for a process that a signal ended.
  let status: Int32
  let outputBytes: [UInt8]
  let error: String

  /// Standard output, with invalid UTF-8 replaced.
  var output: String { String(decoding: outputBytes, as: UTF8.self) }

  var outputLines: [String] {
    output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast()
  }

  var description: String {
    "status \(status), standard output '\(output.prefix(2000))', standard error '\(error)'"
  }
}

/// The executable under test, in the same build folder as the tests.
let attendPath = Bundle.main.bundleURL.appendingPathComponent("attend").path

/// Runs `attend` and waits until it ends.
///
/// - Parameters:
///   - input: standard input; nil for no input.
///   - environment: variables to set in addition to those of the tests.
func attend(
  _ arguments: String..., input: String? = nil, environment: [String: String] = [:]
) throws -> AttendRun {
  try attend(arguments, input: input.map { Array($0.utf8) }, environment: environment)
}

/// Runs `attend` and waits until it ends.
func attend(
  _ arguments: [String], input: [UInt8]? = nil, environment: [String: String] = [:]
) throws -> AttendRun {
  try AttendProcess(attendPath, arguments, input: input, environment: environment).finished()
}

/// Runs a shell script in which `$0` is the executable and `$1` the first of `arguments`.
func shell(_ script: String, _ arguments: String...) throws -> AttendRun {
  try AttendProcess("/bin/sh", ["-c", script, attendPath] + arguments).finished()
}

/// A process whose standard streams are files, so that neither side can block the other.
final class AttendProcess {
  /// The number of seconds after which a process is killed.
  private static let timeout = 60.0

  private let folder: TemporaryDirectory
  private let process = Process()
  private let ended = DispatchSemaphore(value: 0)

  var processIdentifier: Int32 { process.processIdentifier }

  init(
    _ path: String, _ arguments: [String], input: [UInt8]? = nil,
    environment: [String: String] = [:], terminal: FileHandle? = nil,
    inputTerminal: FileHandle? = nil, blockedSignal: Int32? = nil
  ) throws {
    folder = try TemporaryDirectory()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
      .filter { $0.key != "NO_COLOR" && $0.key != "COLUMNS" }
      .merging(environment) { $1 }
    // The process has copies of these files. Foundation never closes ours, and its Process.run() reads out
    // of bounds if more than about a thousand descriptors are open.
    let inputFile = try input.map { try Self.handle(readingFrom: folder.write($0, to: "input")) }
    let outputFile =
      try terminal == nil ? Self.handle(writingTo: folder.write([], to: "output")) : nil
    let errorFile = try Self.handle(writingTo: folder.write([], to: "error"))
    defer { for file in [inputFile, outputFile, errorFile] { try? file?.close() } }
    process.standardInput = inputTerminal ?? inputFile ?? FileHandle.nullDevice
    process.standardOutput = terminal ?? outputFile
    process.standardError = errorFile
    process.terminationHandler = { [ended] _ in ended.signal() }
    // A process inherits ignored signals, such as SIGINT in a background job, and the signal mask of this
    // thread: threads that run tasks block all signals.
    signal(SIGINT, SIG_DFL)
    var mask = sigset_t()
    sigemptyset(&mask)
    if let blockedSignal { sigaddset(&mask, blockedSignal) }
    var tasks = sigset_t()
    pthread_sigmask(SIG_SETMASK, &mask, &tasks)
    defer { pthread_sigmask(SIG_SETMASK, &tasks, nil) }
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  /// Waits until the process has ended.
  func finished() throws -> AttendRun {
    if ended.wait(timeout: .now() + Self.timeout) == .timedOut {
      kill(process.processIdentifier, SIGKILL)
      ended.wait()
    }
    let reason = process.terminationReason
    return AttendRun(
      status: process.terminationStatus + (reason == .uncaughtSignal ? 128 : 0),
      outputBytes: try bytes(ofFile: folder.path("output")),
      error: String(decoding: try bytes(ofFile: folder.path("error")), as: UTF8.self))
  }

  private static func handle(readingFrom path: String) throws -> FileHandle {
    try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
  }

  private static func handle(writingTo path: String) throws -> FileHandle {
    try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }
}

/// The contents of a file; empty if the file does not exist.
func bytes(ofFile path: String) throws -> [UInt8] {
  guard FileManager.default.fileExists(atPath: path) else { return [] }
  return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// The text in a line of JSON.
func jsonText(_ line: String) throws -> String {
  struct Line: Decodable {
    let text: String
  }
  return try JSONDecoder().decode(Line.self, from: Data(line.utf8)).text
}

/// The object that a line of JSON holds.
func jsonObject(_ line: String) throws -> [String: Any] {
  try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
}
