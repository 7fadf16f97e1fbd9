import Attention
import TestSupport
import Testing

/// What the loops say of a row without changing it.
@Suite struct VectorLoopsSearchTests {
  private let memory = FencedMemory(capacity: 1024)

  private func maximum(_ loops: any VectorLoops, _ row: [Float], before distance: Int) -> Float {
    loops.maximum(UnsafeBufferPointer(memory.place(row, before: distance)))
  }

  @Test func `the maximum is found wherever it stands`() throws {
    for set in VectorLoopsUnderTest.all {
      for count in VectorLoopsRowTests.lengths {
        for place in 0..<count {
          var row = [Float](repeating: -2e30, count: count)
          row[place] = -1.5e30
          try #require(
            maximum(set.loops, row, before: place % 16) == -1.5e30,
            "\(set.name), \(place) of \(count)")
        }
      }
    }
  }

  @Test func `the maximum ignores NaN, and of nothing is −∞`() throws {
    var generator = SeededGenerator(seed: 62)
    for count in VectorLoopsRowTests.lengths {
      for distance in 0..<16 {
        for share in 0...2 {
          // No, half and nothing but NaN; some −∞ among the rest.
          let row = generator.numbers(count).map { x in
            Float.random(in: 0..<2, using: &generator) < Float(share)
              ? Float.nan : x < -0.8 ? -.infinity : x - 2
          }
          let largest = row.filter { !$0.isNaN }.max() ?? -.infinity
          for set in VectorLoopsUnderTest.all {
            try #require(
              maximum(set.loops, row, before: distance) == largest,
              "\(set.name), \(count) scalars, \(distance) before the fence: \(row)")
            #expect(memory.isIntact)
          }
        }
      }
    }
    for set in VectorLoopsUnderTest.all {
      #expect(maximum(set.loops, [-.infinity], before: 0) == -.infinity)
      #expect(maximum(set.loops, [1, .infinity, .nan], before: 0) == .infinity)
      #expect(set.loops.maximum(UnsafeBufferPointer(start: nil, count: 0)) == -.infinity)
    }
  }

  @Test func `one scalar that is not finite is found wherever it stands`() throws {
    for set in VectorLoopsUnderTest.all {
      for count in VectorLoopsRowTests.lengths {
        let largest = Float.greatestFiniteMagnitude
        let finite = (0..<count).map { $0 % 2 == 0 ? largest : -largest }
        let row = memory.place(finite)
        #expect(set.loops.isFinite(UnsafeBufferPointer(row)), "\(set.name), \(count)")
        for place in 0..<count {
          for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
            var spoilt = finite
            spoilt[place] = bad
            let row = memory.place(spoilt, before: place % 16)
            try #require(
              !set.loops.isFinite(UnsafeBufferPointer(row)),
              "\(set.name), \(bad) at \(place) of \(count)")
          }
        }
      }
    }
  }
}
