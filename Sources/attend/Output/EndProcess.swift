import Attention
import Foundation

/// Ends the process; results have been written by then.
///
/// Not by `exit`: that lets OpenBLAS wait for the threads it made when it was loaded, and one of them
/// that an address-space limit denies its buffer asks for it for ever.
func endProcess(_ status: Int32) -> Never {
  OutputFile.removeUnfinished()
  _exit(status)
}
