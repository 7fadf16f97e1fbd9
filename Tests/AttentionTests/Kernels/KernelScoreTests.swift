import Attention
import Foundation
import TestSupport
import Testing

/// The kernels that change attention scores, with a protected page after the rows and masks. The
/// bounds of softcap and its derivative are in `KernelFunctionTests`.
@Suite struct KernelScoreTests {
  private static let sets = KernelsUnderTest.all + [.reference]

  private let memory = FencedMemory(capacity: 1024)
  private let scores = FencedMemory(capacity: 1024)
  private let masks = FencedMemory(capacity: 1024, filler: true)

  /// Random numbers with special numbers among them.
  private func numbers(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
    let special: [Float] = [.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 3e38]
    return generator.numbers(count, below: 40).enumerated().map { index, number in
      index % 5 == 3 ? special[index / 5 % special.count] : number
    }
  }

  @Test func `hiding replaces exactly the scores at which the mask is false`() throws {
    var generator = SeededGenerator(seed: 81)
    for count in KernelRowTests.lengths {
      let row = numbers(count, &generator)
      for distance in 0..<16 {
        let keep = (0..<count).map { _ in Bool.random(using: &generator) }
        for value: Float in [-.infinity, 0] {
          let expected = zip(row, keep).map { $1 ? $0 : value }.map(\.bitPattern)
          for set in Self.sets {
            let placed = memory.place(row, before: distance)
            let mask = masks.place(keep, before: 15 - distance)
            set.kernels.hide(placed, keeping: try #require(mask.baseAddress), with: value)
            let place = "\(set.name), \(count) scalars, \(distance) before the fence"
            try #require(placed.map(\.bitPattern) == expected, "\(place)")
            try #require(memory.isIntact && masks.isIntact, "\(place): wrote outside")
          }
        }
      }
    }
  }

  /// Starts around 0, around the largest integers that floats represent exactly, and far beyond.
  @Test(arguments: [
    -300, -128, -5, 0, 7, 1 << 24 - 300, 1 << 24 - 5, -(1 << 24), 1 - 1 << 24, -(1 << 24) - 70,
    1 << 40, -(1 << 40), .min + 1, .max - 300,
  ])
  func `ALiBi subtracts slope times distance, rounded twice at most`(start: Int) throws {
    var generator = SeededGenerator(seed: 82)
    for slope: Float in [0.5, 0.0078125, -1.3, 0] {
      for count in KernelRowTests.lengths {
        let row = numbers(count, &generator)
        let expected = row.enumerated().map { index, score in
          let bias = Double(slope) * Double((start + index).magnitude)
          let value = Double(score) - bias
          // The distance, the product and the difference are rounded.
          return Expected(
            value: value,
            bound: value.isFinite
              ? (2 * abs(bias) + abs(value)) * unitRoundoff * 1.001 + 0x1p-149 : 0)
        }
        for distance in [0, 1, 7, 15] {
          for set in Self.sets {
            let placed = memory.place(row, before: distance)
            set.kernels.subtractDistances(placed, from: start, slope: slope)
            let mismatch = firstMismatch(placed, expected)
            let place = "\(set.name), \(count) scalars, start \(start), slope \(slope)"
            try #require(mismatch == nil, "\(place): \(mismatch ?? "")")
            try #require(memory.isIntact, "\(place): wrote outside")
          }
        }
      }
    }
  }

  @Test func `ALiBi with exact products equals its twin bit for bit`() throws {
    var generator = SeededGenerator(seed: 83)
    for count in KernelRowTests.lengths {
      let row = numbers(count, &generator)
      let twin = memory.place(row)
      KernelsUnderTest.twin.kernels.subtractDistances(twin, from: -20, slope: 0.25)
      let expected = twin.map(\.bitPattern)
      for set in KernelsUnderTest.inC {
        let placed = memory.place(row)
        set.kernels.subtractDistances(placed, from: -20, slope: 0.25)
        #expect(placed.map(\.bitPattern) == expected, "\(set.name), \(count) scalars")
      }
    }
  }

  @Test func `softcap stays within the cap and is the cap at infinity`() {
    for cap: Float in [
      .leastNonzeroMagnitude, 0x1p-130, 1e-3, 1, 30, 50, 1e38, .greatestFiniteMagnitude,
    ] {
      for set in Self.sets {
        var x = (0..<257).map { Float($0) / 16 * cap }.filter(\.isFinite)
        x += x.map { -$0 }
        x.withUnsafeMutableBufferPointer { set.kernels.softcap($0, at: cap) }
        #expect(x.allSatisfy { abs($0) <= cap }, "\(set.name), \(cap)")
        var special: [Float] = [.infinity, -.infinity, .nan, 0]
        special.withUnsafeMutableBufferPointer { set.kernels.softcap($0, at: cap) }
        #expect(special[0] == cap && special[1] == -cap, "\(set.name), \(cap)")
        #expect(special[2].isNaN && special[3] == 0, "\(set.name), \(cap)")
      }
    }
  }

  @Test func `the derivative of softcap multiplies the row`() throws {
    var generator = SeededGenerator(seed: 84)
    let cap: Float = 3
    for count in KernelRowTests.lengths {
      let (row, x) = (
        generator.numbers(count, below: 9), generator.numbers(count, below: 40)
      )
      let expected = zip(row, x).map { row, x in
        let t = Double(x) / Double(cap)
        let value = Double(row) / (cosh(t) * cosh(t))
        return Expected(value: value, bound: (9 + 4 * abs(t)) * 2 * unitRoundoff * abs(value))
      }
      for distance in 0..<16 {
        for set in Self.sets {
          let placed = memory.place(row, before: distance)
          let inputs = scores.place(x, before: 15 - distance)
          set.kernels.multiplySoftcapDerivative(
            into: placed, scores: try #require(inputs.baseAddress), cap: cap)
          let mismatch = firstMismatch(placed, expected)
          let place = "\(set.name), \(count) scalars, \(distance) before the fence"
          try #require(mismatch == nil, "\(place): \(mismatch ?? "")")
          try #require(memory.isIntact && scores.isIntact, "\(place): wrote outside")
          #expect(inputs.elementsEqual(x), "\(place): changed the scores")
        }
      }
    }
  }

  @Test func `the derivative of softcap is 0 at infinity, 1 at 0 and NaN at NaN`() {
    for set in Self.sets {
      for cap: Float in [0x1p-133, 0.5, 50, 3e38] {
        var row: [Float] = [2, 2, 2, 2]
        row.withUnsafeMutableBufferPointer {
          set.kernels.multiplySoftcapDerivative(
            into: $0, scores: [.infinity, -.infinity, 0, .nan], cap: cap)
        }
        #expect(row.prefix(3) == [0, 0, 2] && row[3].isNaN, "\(set.name), \(cap)")
      }
    }
  }
}
