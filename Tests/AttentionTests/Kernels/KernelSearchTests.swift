import Attention
import TestSupport
import Testing

/// Kernels that search a row without changing it.
@Suite struct KernelSearchTests {
  private let memory = FencedMemory(capacity: 1024)

  private func maximum(_ kernels: any Kernels, _ row: [Float], before distance: Int) -> Float {
    kernels.maximum(UnsafeBufferPointer(memory.place(row, before: distance)))
  }

  @Test func `the maximum is found at every position`() throws {
    for set in KernelsUnderTest.all {
      for count in KernelRowTests.lengths {
        for place in 0..<count {
          var row = [Float](repeating: -2e30, count: count)
          row[place] = -1.5e30
          try #require(
            maximum(set.kernels, row, before: place % 16) == -1.5e30,
            "\(set.name), \(place) of \(count)")
        }
      }
    }
  }

  @Test func `the maximum ignores NaN, and is −∞ for an empty row`() throws {
    var generator = SeededGenerator(seed: 62)
    for count in KernelRowTests.lengths {
      for distance in 0..<16 {
        for share in 0...2 {
          // No NaN, half NaN, only NaN; some of the others are −∞.
          let row = generator.numbers(count).map { x in
            Float.random(in: 0..<2, using: &generator) < Float(share)
              ? Float.nan : x < -0.8 ? -.infinity : x - 2
          }
          let largest = row.filter { !$0.isNaN }.max() ?? -.infinity
          for set in KernelsUnderTest.all {
            try #require(
              maximum(set.kernels, row, before: distance) == largest,
              "\(set.name), \(count) scalars, \(distance) before the fence: \(row)")
            #expect(memory.isIntact)
          }
        }
      }
    }
    for set in KernelsUnderTest.all {
      #expect(maximum(set.kernels, [-.infinity], before: 0) == -.infinity)
      #expect(maximum(set.kernels, [1, .infinity, .nan], before: 0) == .infinity)
      #expect(set.kernels.maximum(UnsafeBufferPointer(start: nil, count: 0)) == -.infinity)
    }
  }

  @Test func `a single scalar that is not finite is found at every position`() throws {
    for set in KernelsUnderTest.all {
      for count in KernelRowTests.lengths {
        let largest = Float.greatestFiniteMagnitude
        let finite = (0..<count).map { $0 % 2 == 0 ? largest : -largest }
        let row = memory.place(finite)
        #expect(set.kernels.isFinite(UnsafeBufferPointer(row)), "\(set.name), \(count)")
        for place in 0..<count {
          for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
            var invalid = finite
            invalid[place] = bad
            let row = memory.place(invalid, before: place % 16)
            try #require(
              !set.kernels.isFinite(UnsafeBufferPointer(row)),
              "\(set.name), \(bad) at \(place) of \(count)")
          }
        }
      }
    }
  }
}
