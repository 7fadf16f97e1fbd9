import Attention

/// Measures the read bandwidth of memory, in bytes per second. The speed of decoding is compared with this
/// bandwidth, because each decoding step reads every weight.
package final class MemoryMeter: RateMeter {
  /// The size of the buffer: larger than the part of a shared cache that one process gets.
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
      try Repetition(repetitions: Self.repetitions, seconds: 0).durations {
        // The kernel with the least work per byte.
        let kernels = Backend.current.kernels
        let largest = try Workers.map(chunks, chunk: 1) { _, chunk in
          buffer.withUnsafeScalars {
            kernels.maximum(
              UnsafeBufferPointer(rebasing: $0[chunk * count..<(chunk + 1) * count]))
          }
        }
        // Using the result keeps the compiler from removing the reads.
        guard largest.allSatisfy({ $0 == 1 }) else {
          throw AttentionError.argument("buffer", reason: "expected 1 in every element")
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
