import Attention
import Foundation

/// Ends the process. The caller must write all results first.
///
/// `exit` would run OpenBLAS's exit handler, which waits for OpenBLAS's threads. If an address-space limit
/// keeps a thread from allocating its buffer, that thread retries forever.
func endProcess(_ status: Int32) -> Never {
  OutputFile.removeUnfinished()
  _exit(status)
}
