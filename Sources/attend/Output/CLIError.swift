import ArgumentParser
import Attention
import AttentionModels
import Benchmarks
import Foundation

/// The message and the exit status of an error.
enum CLIError {
  /// A usage error, such as an invalid value or a missing file: exit status 2.
  struct Usage: Error {
    let message: String

    init(_ error: any Error) {
      message = "\(error)"
    }

    init(_ message: String) {
      self.message = message
    }
  }

  /// The exit status of a failure.
  private static let failed: Int32 = 1
  /// The exit status of a usage error.
  private static let usage: Int32 = 2

  /// Prints the message of an error in the command `commandType` and ends the process.
  static func exit(for error: any Error, in commandType: any ParsableCommand.Type) -> Never {
    do {
      // Write the results that were computed before the error.
      try StandardOutput.flush()
      StandardOutput.endLine()
      try report(error, commandType)
    } catch is StandardOutput.ReaderIsGone {
      endProcess(128 + SIGPIPE)
    } catch {
      fail("\(error)")
    }
  }

  private static func report(
    _ error: any Error, _ commandType: any ParsableCommand.Type
  ) throws -> Never {
    switch error {
    case is StandardOutput.ReaderIsGone:
      throw error
    case let error as Usage:
      refuse(error.message, commandType)
    case let error as BenchError:
      refuse(error.description, commandType)
    case let error as ModelError:
      if case .notFound = error { refuse("\(error)", commandType) }
      fail("\(error)")
    case let error as AttentionError:
      fail("\(error)")
    default:
      let code = Attend.exitCode(for: error)
      let arguments = Array(CommandLine.arguments.dropFirst())
      if code == .validationFailure || mayBeMistyped(arguments),
        let unknown = UnknownName.first(in: arguments)
      {
        refuse(unknown.message, unknown.command)
      }
      let message = UsageText.wrapped(printableLines(Attend.fullMessage(for: error)))
      if code == .success {
        try StandardOutput.line(message)
        try StandardOutput.flush()
        endProcess(0)
      }
      StandardError.write(message)
      endProcess(code == .validationFailure ? usage : failed)
    }
  }

  /// Whether a command line may contain a mistyped name although the parser prints help for it. The parser
  /// prints help for `help UNKNOWN`. It also splits a word such as -threads into single-letter flags, one of
  /// which is -h.
  private static func mayBeMistyped(_ arguments: [String]) -> Bool {
    arguments.first == "help"
      || arguments.contains { $0.hasPrefix("-") && !$0.hasPrefix("--") && $0.count > 2 }
  }

  /// The number of characters of an error message: enough for a path of Linux and a reason.
  private static let messageLimit = 8192

  /// A message of several lines that may contain an argument of the command line.
  private static func printableLines(_ message: String) -> String {
    message.split(separator: "\n", omittingEmptySubsequences: false)
      .map { printable(String($0), limit: messageLimit) }.joined(separator: "\n")
  }

  private static func fail(_ message: String) -> Never {
    StandardError.write("Error: \(printable(message, limit: messageLimit))")
    endProcess(failed)
  }

  /// Prints a usage error as the argument parser does, in three lines, and ends the process.
  private static func refuse(_ message: String, _ commandType: any ParsableCommand.Type) -> Never {
    let usageLine = Attend.usageString(for: commandType)
    // The words before the first option: the command, with its parent if it is a subcommand.
    let name = usageLine.split(separator: " ").prefix { !"[<-(".contains($0.prefix(1)) }
    StandardError.write(
      UsageText.wrapped(
        """
        Error: \(printable(message, limit: messageLimit))
        Usage: \(usageLine)
          See '\(name.joined(separator: " ")) --help' for more information.
        """))
    endProcess(usage)
  }
}
