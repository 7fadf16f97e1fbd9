import Attention
import Foundation

/// Ends the process. Results must have been written before.
///
/// `exit` would run OpenBLAS's exit handler, which waits for OpenBLAS's threads. If an address-space limit
/// keeps a thread from allocating its buffer, that thread retries forever.
func endProcess(_ status: Int32) -> Never {
  OutputFile.removeUnfinished()
  _exit(status)
}
