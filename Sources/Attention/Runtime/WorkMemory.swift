/// Frees the work memory that operators keep for their next call, and the memory kept of freed tensors.
///
/// A benchmark calls this before it measures the memory of an operation. Otherwise the operation
/// would reuse memory of earlier operations and the measurement would be too low.
package func releaseWorkMemory() {
  Scratch.release()
  KeptMemory.shared.release()
}
