import Attention

/// How fast this machine reads memory: what generating text, which reads every weight for every token,
/// is a share of. Bytes a second.
package final class MemoryMeter: RateMeter {
  /// What is read: more than any cache holds that one process gets for itself.
  package static let byteCount = 256 << 20
  private static let chunkCount = 256
  private static let repetitions = 5
  private var buffer: Tensor?
  package var rates = MeasuredRates()

  package init() {}

  package func measure(threads: Int) throws -> Double {
    let buffer = try made()
    let chunks = Array(0..<Self.chunkCount)
    let count = buffer.count / Self.chunkCount
    let durations = try withCompute(threads: threads) {
      try Sampling(repetitions: Self.repetitions, seconds: 0).durations {
        // The plainest loop over wide vectors.
        let loops = Backend.current.kernels.loops
        let largest = try Workers.map(chunks, chunk: 1) { _, chunk in
          buffer.withUnsafeScalars {
            loops.maximum(
              UnsafeBufferPointer(rebasing: $0[chunk * count..<(chunk + 1) * count]))
          }
        }
        // Where nobody asks for a result, nothing need be read for it.
        guard largest.allSatisfy({ $0 == 1 }) else {
          throw AttentionError.argument("buffer", reason: "it is not what it was filled with")
        }
      }
    }
    return Double(Self.byteCount) / durations.median
  }

  private func made() throws -> Tensor {
    if let buffer { return buffer }
    let made = try Tensor(shape: [Self.byteCount / 4], repeating: 1)
    buffer = made
    return made
  }
}
