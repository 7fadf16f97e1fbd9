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

  private static let running = Mutex<Set<Int32>>([])

  /// Ends all children, because this process ends.
  package static func endAll() {
    running.withLock { for child in $0 { kill(child, SIGKILL) } }
  }

  /// Runs this program and waits for its end. Standard error is discarded.
  package static func run(
    _ arguments: [String], environment: [String: String]
  ) throws -> Result {
    let process = Process()
    let output = Pipe()
    process.executableURL = Bundle.main.executableURL
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    running.withLock { _ = $0.insert(process.processIdentifier) }
    defer { running.withLock { _ = $0.remove(process.processIdentifier) } }
    let bytes = Array(output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal
      ? Result(output: bytes, status: nil, signal: process.terminationStatus)
      : Result(output: bytes, status: process.terminationStatus)
  }
}
