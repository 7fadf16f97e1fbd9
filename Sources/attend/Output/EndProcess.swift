import Attention
import Foundation

/// Ends the process. The caller must write all results first.
///
/// `exit` would run OpenBLAS's exit handler, which waits for OpenBLAS's threads. Under an address-space
/// limit, a thread that cannot allocate its buffer retries forever, so `exit` would hang.
func endProcess(_ status: Int32) -> Never {
  OutputFile.removeUnfinished()
  _exit(status)
}
