import Attention
import TestSupport
import Testing

/// Conversion of 16-bit formats to float32, compared with `HalfPrecision`.
@Suite struct KernelToFloatTests {
  typealias Widening =
    @Sendable (
      any Kernels, UnsafeBufferPointer<UInt16>, UnsafeMutablePointer<Float>
    ) -> Void
  typealias Exact = @Sendable (UInt16) -> Float

  private static let formats: [(name: String, run: Widening, exact: Exact)] = [
    (
      "bfloat16", { $0.convertFromBFloat16($1, into: $2) },
      { HalfPrecision.float(fromBFloat16: $0) }
    ),
    ("binary16", { $0.convertFromFloat16($1, into: $2) }, { HalfPrecision.float(fromFloat16: $0) }),
  ]

  private let memory = FencedMemory<UInt16>(capacity: 1024, filler: 0x4D4D)
  private let results = FencedMemory(capacity: 1024)

  /// Equal bits; a signaling NaN may become quiet.
  private func same(_ left: Float, _ right: Float) -> Bool {
    left.bitPattern == right.bitPattern
      || left.isNaN && right.isNaN
        && (left.bitPattern ^ right.bitPattern) & ~0x0040_0000 == 0
  }

  @Test func `every bit pattern is converted exactly`() throws {
    let patterns = Array(UInt16.min...UInt16.max)
    for (name, run, exact) in Self.formats {
      for set in KernelsUnderTest.all {
        var wide = [Float](repeating: 0, count: patterns.count)
        try wide.withUnsafeMutableBufferPointer { wide in
          let base = try #require(wide.baseAddress)
          patterns.withUnsafeBufferPointer { run(set.kernels, $0, base) }
        }
        let wrong = patterns.indices.first { !same(wide[$0], exact(patterns[$0])) }
        #expect(wrong == nil, "\(set.name), \(name)")
      }
    }
  }

  @Test func `rows of any length write nothing beyond their end`() throws {
    var generator = SeededGenerator(seed: 63)
    for count in KernelRowTests.lengths {
      let patterns = (0..<count).map { _ in UInt16.random(in: 0...(.max), using: &generator) }
      for distance in 0..<16 {
        for (name, run, exact) in Self.formats {
          for set in KernelsUnderTest.all {
            let bits = memory.place(patterns, before: distance)
            let row = results.place([Float](repeating: 0, count: count), before: distance)
            run(set.kernels, UnsafeBufferPointer(bits), try #require(row.baseAddress))
            let place = "\(set.name), \(name), \(count), \(distance) before the fence"
            try #require(zip(row, patterns).allSatisfy { same($0, exact($1)) }, "\(place)")
            try #require(memory.isIntact && results.isIntact, "\(place)")
          }
        }
      }
    }
  }
}
