import Attention
import TestSupport
import Testing

/// The kernels of search are compared with their twin in Swift: integers, so the results are equal.
@Suite struct KernelCodeTests {
  private static let lengths = [0, 1, 7, 8, 15, 16, 48, 63, 64, 65, 127, 128, 130, 384]
  private let memory = FencedMemory<UInt8>(capacity: 1 << 14, filler: 0x7F)

  @Test(arguments: [1, 3, 4, 5, 9], [1, 2])
  func `Dot products and different bits equal those of the twin`(rows: Int, queries: Int) throws {
    var generator = SeededGenerator(seed: 71)
    for length in Self.lengths {
      for distance in [0, 1, 5] {
        // The extremes −128 and 127 are frequent.
        func bytes(_ count: Int) -> [UInt8] {
          (0..<count).map { _ in
            let byte = UInt8.random(in: 0...255, using: &generator)
            return byte < 32 ? 0x80 : byte > 224 ? 0x7F : byte
          }
        }
        // The bits of queries have half of the bytes.
        let inputs = bytes(queries * 2 * length)
        let codes = memory.place(bytes(rows * length), before: distance)
        func results(_ kernels: any Kernels, _ call: (any Kernels, CodeProduct) -> Void) -> [Int32]
        {
          var output = [Int32](repeating: .min, count: queries * rows + 1)
          inputs.withUnsafeBytes { inputs in
            output.withUnsafeMutableBufferPointer { output in
              guard let target = output.baseAddress, let base = codes.baseAddress else { return }
              let start = inputs.baseAddress ?? UnsafeRawPointer(target)
              call(
                kernels,
                CodeProduct(
                  rows: rows, queries: queries, length: length, codes: base, stride: length,
                  inputs: start, output: target, outputStride: rows))
            }
          }
          return output
        }
        let dots = results(KernelsUnderTest.twin.kernels) { $0.dotHalfBytes($1) }
        let bits = results(KernelsUnderTest.twin.kernels) { $0.countDifferentBits($1) }
        #expect(dots.last == .min && !dots.dropLast().contains(.min))
        for set in KernelsUnderTest.inC {
          let place = "\(set.name), \(rows) × \(length), \(distance) before the fence"
          #expect(results(set.kernels) { $0.dotHalfBytes($1) } == dots, "\(place)")
          #expect(results(set.kernels) { $0.countDifferentBits($1) } == bits, "\(place)")
          #expect(memory.isIntact, "\(place)")
        }
      }
    }
  }
}
