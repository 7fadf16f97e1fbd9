import ArgumentParser
import Attention
import AttentionModels
import Foundation

/// What an error does to the process: which line it prints, and which exit status it ends with.
enum Failure {
  /// A command line that names something which is not there, or cannot be used: exit status 2.
  struct Usage: Error {
    let message: String

    init(_ error: any Error) {
      message = "\(error)"
    }

    init(_ message: String) {
      self.message = message
    }
  }

  /// The work could not be done: exit status 1.
  private static let failed: Int32 = 1
  /// The command line makes no sense.
  private static let usage: Int32 = 2

  /// Prints what is to be said about `error` and ends the process.
  static func exit(for error: any Error) -> Never {
    // What was computed before the error is still a result.
    try? StandardOutput.flush()
    switch error {
    case let error as Usage:
      refuse(error.message)
    case let error as ModelError:
      if case .notFound = error { refuse("\(error)") }
      fail("\(error)")
    case let error as AttentionError:
      fail("\(error)")
    default:
      let code = Attend.exitCode(for: error)
      let message = Attend.fullMessage(for: error)
      if code == .success {
        print(message)
        Foundation.exit(0)
      }
      StandardError.write(message)
      Foundation.exit(code == .validationFailure ? usage : failed)
    }
  }

  private static func fail(_ message: String) -> Never {
    StandardError.write("Error: \(message)")
    Foundation.exit(failed)
  }

  private static func refuse(_ message: String) -> Never {
    let verb = CommandLine.arguments.dropFirst().first { !$0.hasPrefix("-") } ?? ""
    let type = Attend.configuration.subcommands.first { $0._commandName == verb } ?? Attend.self
    StandardError.write("Error: \(message)\n\(Attend.usageString(for: type))")
    Foundation.exit(usage)
  }
}
