import Attention
import Dispatch
import Foundation

/// What happens when a person presses Control-C, or the system asks the process to end.
enum Interrupts {
  nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []

  /// Ends the process with the status that a shell expects (128 + signal), without leaving an
  /// unfinished file behind.
  static func handle() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        OutputFile.removeUnfinished()
        _exit(128 + number)
      }
      source.resume()
      sources.append(source)
    }
  }
}
