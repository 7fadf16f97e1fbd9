import Attention
import TestSupport
import Testing

/// Conversion of float32 to 16-bit formats and to integers with a scale: equal in every instruction set.
@Suite struct KernelFromFloatTests {
  private typealias Narrowing =
    @Sendable (
      any Kernels, UnsafeBufferPointer<Float>, UnsafeMutablePointer<UInt16>
    ) -> Bool

  private static let formats:
    [(name: String, run: Narrowing, exact: @Sendable (Float) -> UInt16, least: Float)] = [
      (
        "bfloat16", { $0.convertToBFloat16($1, into: $2) }, { HalfPrecision.bfloat16(from: $0) },
        0x1.FFp127
      ),
      (
        "binary16", { $0.convertToFloat16($1, into: $2) }, { HalfPrecision.float16(from: $0) },
        65520
      ),
    ]

  private let memory = FencedMemory(capacity: 1024)
  private let results = FencedMemory<UInt16>(capacity: 1024, filler: 0x4D4D)

  /// Equal bits; a NaN may be any NaN.
  private func same(_ bits: UInt16, _ exact: UInt16, infinity: UInt16) -> Bool {
    bits == exact || bits & 0x7FFF > infinity && exact & 0x7FFF > infinity
  }

  @Test func `every kind of number is rounded to the nearest, ties to even`() throws {
    var generator = SeededGenerator(seed: 93)
    // Every upper half, with lower halves below, at and above the midpoint, and random ones.
    let numbers = (UInt32.min...0xFFFF).flatMap { upper in
      [
        0, 0x0FFF, 0x1000, 0x1001, 0x7FFF, 0x8000, 0x8001,
        UInt32.random(in: 0...0xFFFF, using: &generator),
      ]
      .map { Float(bitPattern: upper << 16 | $0) }
    }
    for (name, run, exact, _) in Self.formats {
      let expected = numbers.map(exact)
      let infinity = exact(.infinity)
      for set in KernelsUnderTest.all {
        var bits = [UInt16](repeating: 0, count: numbers.count)
        try bits.withUnsafeMutableBufferPointer { bits in
          let base = try #require(bits.baseAddress)
          #expect(!numbers.withUnsafeBufferPointer { run(set.kernels, $0, base) })
        }
        let wrong = bits.indices.first { !same(bits[$0], expected[$0], infinity: infinity) }
        #expect(wrong == nil, "\(set.name), \(name): \(wrong.map { numbers[$0] } ?? 0)")
      }
    }
  }

  @Test func `rows of any length write nothing beyond their end, and report overflow`() throws {
    var generator = SeededGenerator(seed: 94)
    for count in KernelRowTests.lengths {
      for (name, run, exact, least) in Self.formats {
        for tooLarge in [false, true] where count > 0 {
          // Infinities and NaN are not an overflow, and neither is the largest finite number.
          var numbers = generator.numbers(count)
          numbers[0] = .infinity
          numbers[count / 2] = .nan
          numbers[count - 1] = tooLarge ? -least : -least.nextDown
          for set in KernelsUnderTest.all {
            let row = memory.place(numbers)
            let bits = results.place([UInt16](repeating: 0, count: count))
            let fits = run(set.kernels, UnsafeBufferPointer(row), try #require(bits.baseAddress))
            let place = "\(set.name), \(name), \(count)"
            try #require(fits == !tooLarge, "\(place)")
            let infinity = exact(.infinity)
            try #require(
              zip(bits, numbers).allSatisfy { same($0, exact($1), infinity: infinity) }, "\(place)")
            try #require(memory.isIntact && results.isIntact, "\(place)")
          }
        }
      }
    }
  }

  @Test(arguments: [0, 1, 2, 63, 64, 100])
  func `integers are within half a scale, and equal in every instruction set`(rowCount: Int) throws
  {
    var generator = SeededGenerator(seed: 95)
    let width = PanelProduct.width
    var panel = generator.numbers(rowCount * width, below: 3)
    for row in 0..<rowCount {
      panel[row * width] = 0
      panel[row * width + 1] = row == 0 ? .greatestFiniteMagnitude : -0.5
      panel[row * width + 2] *= .leastNormalMagnitude
      panel[row * width + 3] = .leastNonzeroMagnitude
    }
    var twin: (scales: [UInt32], whole: [Int8])?
    for set in [KernelsUnderTest.twin] + KernelsUnderTest.inC {
      var scales = [Float](repeating: .nan, count: width)
      var whole = [Int8](repeating: -128, count: rowCount * width + 1)
      try panel.withUnsafeBufferPointer { panel in
        try scales.withUnsafeMutableBufferPointer { scales in
          try whole.withUnsafeMutableBufferPointer { whole in
            var empty: Float = 0
            try withUnsafeMutablePointer(to: &empty) { empty in
              let conversion = PanelConversion(
                floats: panel.baseAddress ?? UnsafePointer(empty), rowCount: rowCount,
                elements: UnsafeMutableRawPointer(try #require(whole.baseAddress)),
                scales: scales.baseAddress, blockLength: max(rowCount, 1))
              #expect(set.kernels.store(conversion, as: .int8))
            }
          }
        }
      }
      #expect(whole.last == -128, "\(set.name): wrote beyond")
      for column in 0..<width {
        let numbers = (0..<rowCount).map { panel[$0 * width + column] }
        let largest = numbers.reduce(0) { max($0, abs($1)) }
        #expect(scales[column] == max(largest / 127, .leastNormalMagnitude), "\(set.name)")
        for (row, number) in numbers.enumerated() {
          let kept = Double(whole[row * width + column]) * Double(scales[column])
          // The quotient is also rounded, by less than 127 · 2⁻²⁴.
          #expect(
            abs(kept - Double(number)) <= Double(scales[column]) * (0.5 + 127 * 0x1p-24),
            "\(set.name)")
        }
      }
      let result = (scales: scales.map(\.bitPattern), whole: whole)
      if let twin {
        #expect(result.scales == twin.scales && result.whole == twin.whole, "\(set.name)")
      }
      twin = twin ?? result
    }
  }
}
