import Foundation
import Synchronization

/// Runs this program again with other environment variables.
package enum ChildProcess {
  package struct Result: Sendable {
    package let output: [UInt8]
    /// The exit status; nil if a signal ended the process.
    package let status: Int32?
    /// The signal that ended the process; nil if none did.
    package let signal: Int32?

    package init(output: [UInt8], status: Int32?, signal: Int32? = nil) {
      self.output = output
      self.status = status
      self.signal = signal
    }
  }

  package struct StartError: Error, CustomStringConvertible {
    /// A value of `errno`.
    let code: Int32

    package var description: String {
      "cannot start another process: \(String(cString: strerror(code)))"
    }
  }

  private static let running = Mutex<Set<Int32>>([])

  /// Ends all children, because this process ends.
  package static func endAll() {
    running.withLock { for child in $0 { kill(child, SIGKILL) } }
  }

  /// Runs this program and waits for its end. Standard error is discarded.
  ///
  /// Foundation's `Process` needs a thread, and waits forever where none can start.
  ///
  /// - Throws: `StartError` if the system does not start the process.
  package static func run(
    _ arguments: [String], environment: [String: String]
  ) throws -> Result {
    guard let executable = Bundle.main.executablePath else { throw StartError(code: ENOENT) }
    let output = Pipe()
    let child = try start(
      executable, arguments, environment, output: output.fileHandleForWriting.fileDescriptor)
    try output.fileHandleForWriting.close()
    running.withLock { _ = $0.insert(child) }
    defer { running.withLock { _ = $0.remove(child) } }
    let bytes = Array(try output.fileHandleForReading.readToEnd() ?? Data())
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 { try check(errno == EINTR ? 0 : errno) }
    let signal = status & 0x7F
    return signal == 0
      ? Result(output: bytes, status: status >> 8 & 0xFF)
      : Result(output: bytes, status: nil, signal: signal)
  }

  private static func start(
    _ executable: String, _ arguments: [String], _ environment: [String: String], output: Int32
  ) throws -> pid_t {
    #if canImport(Darwin)
      var files: posix_spawn_file_actions_t?
    #else
      var files = posix_spawn_file_actions_t()
    #endif
    try check(posix_spawn_file_actions_init(&files))
    defer { posix_spawn_file_actions_destroy(&files) }
    try check(posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0))
    try check(posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO))
    try check(posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0))
    var values = ProcessInfo.processInfo.environment
    values.merge(environment) { $1 }
    let words = ([executable] + arguments).map { strdup($0) } + [nil]
    let variables = values.map { strdup("\($0)=\($1)") } + [nil]
    defer { for string in words + variables { free(string) } }
    var child: pid_t = 0
    try check(posix_spawn(&child, executable, &files, nil, words, variables))
    return child
  }

  private static func check(_ error: Int32) throws {
    guard error != 0 else { return }
    throw StartError(code: error)
  }
}
