import Attention

/// How fast this machine reads memory: what generating text, which reads every weight for every token,
/// is a share of. Bytes a second.
final class MemoryMeter: RateMeter {
  /// What is read: more than any cache holds that one process gets for itself.
  static let byteCount = 256 << 20
  private static let chunkCount = 256
  private static let repetitions = 5
  private var buffer: Tensor?
  var rates = MeasuredRates()

  func measure(threads: Int) throws -> Double {
    let buffer = try made()
    let chunks = Array(0..<Self.chunkCount)
    let count = buffer.count / Self.chunkCount
    let durations = try withCompute(threads: threads) {
      try Sampling(repetitions: Self.repetitions, seconds: 0).durations {
        let sums = try Workers.map(chunks, chunk: 1) { _, chunk in
          buffer.withUnsafeScalars { Self.sum($0[chunk * count..<(chunk + 1) * count]) }
        }
        // Where nobody asks for a sum, nothing need be read for it.
        guard sums.allSatisfy({ $0 == Float(count) }) else {
          throw AttentionError.argument("buffer", reason: "its sum is not what it was filled with")
        }
      }
    }
    return Double(Self.byteCount) / durations.median
  }

  /// The sum of a multiple of 64 scalars, in as many parts as hide how long an addition takes.
  private static func sum(_ scalars: Slice<UnsafeBufferPointer<Float>>) -> Float {
    let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: scalars))
    var sums = (SIMD16<Float>(), SIMD16<Float>(), SIMD16<Float>(), SIMD16<Float>())
    for offset in stride(from: 0, to: bytes.count, by: 256) {
      func vector(_ number: Int) -> SIMD16<Float> {
        bytes.loadUnaligned(fromByteOffset: offset + 64 * number, as: SIMD16<Float>.self)
      }
      sums.0 += vector(0)
      sums.1 += vector(1)
      sums.2 += vector(2)
      sums.3 += vector(3)
    }
    return (sums.0 + sums.1 + sums.2 + sums.3).sum()
  }

  private func made() throws -> Tensor {
    if let buffer { return buffer }
    let made = try Tensor(shape: [Self.byteCount / 4], repeating: 1)
    buffer = made
    return made
  }
}
