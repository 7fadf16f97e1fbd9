/// Gives back the memory that operators keep for their next call.
///
/// A benchmark calls this before it measures the memory of one operation: kept memory would count as
/// free, so that the figure would depend on the operations before it.
package func releaseWorkMemory() {
  Scratch.release()
  PackingWorkspace.release()
}
