import Attention
import TestSupport
import Testing

@Suite struct HalfPrecisionTests {
  /// The value of a bit pattern with the given numbers of bits, from the definition in IEEE 754.
  private func value(_ bits: UInt16, exponentWidth: Int, fractionWidth: Int) -> Double {
    let fraction = Double(Int(bits) & (1 << fractionWidth - 1))
    let exponent = Int(bits) >> fractionWidth & (1 << exponentWidth - 1)
    let bias = 1 << (exponentWidth - 1) - 1
    let scale = Double(sign: .plus, exponent: -fractionWidth, significand: 1)
    let magnitude: Double =
      switch exponent {
      case 0: Double(sign: .plus, exponent: 1 - bias, significand: 1) * fraction * scale
      case 1 << exponentWidth - 1: fraction == 0 ? .infinity : .nan
      default:
        Double(sign: .plus, exponent: exponent - bias, significand: 1) * (1 + fraction * scale)
      }
    return bits & 0x8000 == 0 ? magnitude : -magnitude
  }

  /// Whether two numbers are equal, including the sign of zero, or both NaN.
  private func same(_ left: Float, _ right: Double) -> Bool {
    left.isNaN ? right.isNaN : Double(left) == right && left.sign == right.sign
  }

  @Test func `every float16 pattern has the value that IEEE 754 defines`() {
    let wrong = (UInt16.min...UInt16.max).first {
      !same(HalfPrecision.float(fromFloat16: $0), value($0, exponentWidth: 5, fractionWidth: 10))
    }
    #expect(wrong == nil)
  }

  @Test func `every bfloat16 pattern has the value that its fields define`() {
    let wrong = (UInt16.min...UInt16.max).first {
      !same(HalfPrecision.float(fromBFloat16: $0), value($0, exponentWidth: 8, fractionWidth: 7))
    }
    #expect(wrong == nil)
  }

  @Test func `every pattern survives widening and narrowing`() {
    for bits in UInt16.min...UInt16.max {
      let half = HalfPrecision.float(fromFloat16: bits)
      let brain = HalfPrecision.float(fromBFloat16: bits)
      // NaN becomes quiet.
      let halfBits = half.isNaN ? bits | 0x200 : bits
      let brainBits = brain.isNaN ? bits | 0x40 : bits
      guard HalfPrecision.float16(from: half) == halfBits,
        HalfPrecision.bfloat16(from: brain) == brainBits
      else {
        Issue.record("\(bits) does not survive")
        return
      }
    }
  }

  @Test func `narrowing rounds to nearest, ties to even`() {
    // The middle of two neighbors rounds to the even pattern; the numbers next to it round down
    // and up.
    for bits in UInt16(0)..<0x7C00 {
      let low = HalfPrecision.float(fromFloat16: bits)
      // Beyond the largest number, the next step would be 65,536, whose pattern is infinity.
      let high = bits == 0x7BFF ? 65_536 : HalfPrecision.float(fromFloat16: bits + 1)
      expectRounding(low, high, bits, narrow: HalfPrecision.float16(from:))
    }
    for bits in UInt16(0)..<0x7F7F {
      let low = HalfPrecision.float(fromBFloat16: bits)
      let high = HalfPrecision.float(fromBFloat16: bits + 1)
      expectRounding(low, high, bits, narrow: HalfPrecision.bfloat16(from:))
    }
  }

  private func expectRounding(
    _ low: Float, _ high: Float, _ bits: UInt16, narrow: (Float) -> UInt16
  ) {
    let middle = Float((Double(low) + Double(high)) / 2)
    let even = bits & 1 == 0 ? bits : bits + 1
    let right =
      narrow(middle) == even && narrow(-middle) == even | 0x8000 && narrow(middle.nextDown) == bits
      && narrow(middle.nextUp) == bits + 1
    if !right { Issue.record("around pattern \(bits), between \(low) and \(high)") }
  }

  @Test func `narrowing beyond the range gives infinity, and NaN stays NaN`() {
    #expect(HalfPrecision.float16(from: 65_519.996) == 0x7BFF)
    #expect(HalfPrecision.float16(from: 65_520) == 0x7C00)
    #expect(HalfPrecision.float16(from: -.greatestFiniteMagnitude) == 0xFC00)
    #expect(HalfPrecision.float16(from: .leastNonzeroMagnitude) == 0)
    #expect(HalfPrecision.bfloat16(from: .greatestFiniteMagnitude) == 0x7F80)
    #expect(HalfPrecision.float(fromFloat16: HalfPrecision.float16(from: .nan)).isNaN)
    // A NaN whose fraction bits are all in the lower half.
    let faint = Float(bitPattern: 0x7F80_0001)
    #expect(HalfPrecision.float(fromBFloat16: HalfPrecision.bfloat16(from: faint)).isNaN)
    #expect(HalfPrecision.float(fromFloat16: HalfPrecision.float16(from: faint)).isNaN)
  }

  #if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
    @Test func `narrowing agrees with Swift's Float16 on a million random numbers`() {
      var generator = SeededGenerator(seed: 16)
      for _ in 0..<1_000_000 {
        let number = Float(bitPattern: UInt32.random(in: 0...(.max), using: &generator))
        let expected = Float16(number)
        let got = Float16(bitPattern: HalfPrecision.float16(from: number))
        guard got == expected || got.isNaN && expected.isNaN else {
          Issue.record("\(number): expected \(expected), got \(got)")
          return
        }
      }
    }
  #endif
}
