import Attention
import Foundation
import Verification

/// Handling of Control-C and of other signals that end the process.
enum Signals {
  /// Makes SIGINT, SIGTERM and SIGHUP remove unfinished files and end the process with the status that a
  /// shell expects (128 + signal). Ignores SIGPIPE and SIGXFSZ, so that the write fails with an error.
  static func prepare() {
    // SIGPIPE: the reader closed the pipe. SIGXFSZ: a file exceeds the size limit.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }

    guard let received = pipe?.read else { return }
    // A dedicated thread does not depend on a free worker, and may take locks, unlike a signal handler.
    // `sigwait` is no alternative: it requires that all threads block the signals, and libraries have already
    // started threads that do not.
    Thread.detachNewThread {
      var number: UInt8 = 0
      guard read(received, &number, 1) == 1 else { return }
      OutputFile.removeUnfinished()
      ChildProcess.endAll()
      TemporaryFolder.removeAll()
      ProgressBar.clear()
      StandardOutput.endLine(exiting: 128 + Int32(number))
    }
    // A process inherits the signal mask of the thread that started it. The mask may block these signals:
    // unblock them.
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

  /// The pipe from the signal handler to the thread that handles the signal.
  private static let pipe: (read: Int32, write: Int32)? = {
    var ends: [Int32] = [-1, -1]
    guard Foundation.pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }()

  /// Whether the parent made this process ignore the signal, as `nohup` does.
  private static func isIgnored(_ number: Int32) -> Bool {
    let previous = signal(number, SIG_IGN)
    signal(number, previous)
    return unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
