import Attention
import Foundation

/// What happens when a person presses Control-C, or the system asks the process to end.
enum Signals {
  /// Makes those signals end the process with the status that a shell expects (128 + signal), without
  /// leaving an unfinished file behind; and turns those about writing into errors of the write.
  static func prepare() {
    // A closed pipe, a file beyond the size limit.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }

    guard let received = pipe?.read else { return }
    // A thread of its own needs no free worker to run on, and may take locks as a handler may not.
    // Waiting for blocked signals instead would miss some: libraries have started threads by now.
    Thread.detachNewThread {
      var number: UInt8 = 0
      guard read(received, &number, 1) == 1 else { return }
      OutputFile.removeUnfinished()
      ProgressBar.clear()
      StandardOutput.endLine(exiting: 128 + Int32(number))
    }
    // Who starts this process from a thread on which signals are blocked hardly means them to stay so.
    var ending = sigset_t()
    sigemptyset(&ending)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      sigaddset(&ending, number)
      signal(number) { number in
        guard let pipe = Signals.pipe else { return }
        var byte = UInt8(truncatingIfNeeded: number)
        let interrupted = errno
        _ = write(pipe.write, &byte, 1)
        errno = interrupted
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &ending, nil)
  }

  /// From the signals' handler to the thread that may do what a handler may not.
  private static let pipe: (read: Int32, write: Int32)? = {
    var ends: [Int32] = [-1, -1]
    guard Foundation.pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }()

  /// Whether whoever started this process wants it to outlive the signal, as `nohup` does.
  private static func isIgnored(_ number: Int32) -> Bool {
    let previous = signal(number, SIG_IGN)
    signal(number, previous)
    return unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
