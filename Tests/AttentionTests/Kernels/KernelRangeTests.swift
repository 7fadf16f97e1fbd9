import Attention
import Foundation
import TestSupport
import Testing

/// Functions of kernels at the ends of their ranges.
@Suite struct KernelRangeTests {
  @Test func `exponentials of positive numbers are exact up to the largest float`() {
    for set in KernelsUnderTest.all {
      let x: [Float] = [0.5, 79.5, 80.5, 85, 88, 88.7]
      var row = x
      _ = row.withUnsafeMutableBufferPointer { set.kernels.exponentials($0, minus: 0) }
      for (found, x) in zip(row, x) {
        let exact = exp(Double(x))
        #expect(abs(Double(found) - exact) < 4e-7 * exact, "\(set.name), \(x)")
      }
      var beyond: [Float] = [89, 91, 1e10, .infinity]
      _ = beyond.withUnsafeMutableBufferPointer { set.kernels.exponentials($0, minus: 0) }
      #expect(beyond.allSatisfy { $0 == .infinity }, "\(set.name)")
    }
  }

  /// Beyond 2²⁴ not every distance is a float: a sum of steps of one would be off.
  @Test(arguments: [1 << 28, -(1 << 28) - 5, 1 << 40])
  func `ALiBi subtracts distances beyond the integers of Float`(start: Int) {
    for set in KernelsUnderTest.all {
      var row = [Float](repeating: 0, count: 70)
      row.withUnsafeMutableBufferPointer {
        set.kernels.subtractDistances($0, from: start, slope: 0.25)
      }
      #expect(row == (0..<70).map { -0.25 * Float(abs(start + $0)) }, "\(set.name)")
    }
  }

  @Test func `softcap of small scores has a relative error of a few ulp`() {
    for set in KernelsUnderTest.all {
      let x = (1...600).map { Float($0) / 20 }
      var row = x
      row.withUnsafeMutableBufferPointer { set.kernels.softcap($0, at: 50) }
      for (found, x) in zip(row, x) {
        let exact = 50 * tanh(Double(x) / 50)
        #expect(abs(Double(found) - exact) < 4e-7 * exact, "\(set.name), \(x)")
      }
    }
  }
}
