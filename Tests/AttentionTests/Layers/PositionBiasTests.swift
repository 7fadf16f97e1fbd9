import Attention
import Foundation
import TestSupport
import Testing

/// T5's buckets and ALiBi's slopes compared with the published ones:
/// Scripts/fixtures/position_biases.py.
@Suite struct PositionBiasTests {
  struct Buckets: Decodable, Sendable {
    var buckets: Int
    var maximum: Int
    var bidirectional: Bool
    /// Pairs of a distance and the bucket that starts there.
    var changes: [[Int]]
  }

  @Test func `every distance has the published bucket`() throws {
    let kinds: [Buckets] = try Fixtures.json("PositionBiases/buckets.json")
    #expect(kinds.count == 24)
    for kind in kinds {
      let bias = try RelativePositionBias(
        table: Tensor(shape: [kind.buckets, 1], repeating: 0),
        isBidirectional: kind.bidirectional, maximumDistance: kind.maximum)
      var changes = kind.changes[...]
      var expected = -1
      for distance in -2000...2000 {
        if let next = changes.first, next[0] == distance {
          expected = next[1]
          changes.removeFirst()
        }
        #expect(bias.bucket(ofDistance: distance) == expected, "\(kind), distance \(distance)")
      }
      #expect(changes.isEmpty)
    }
  }

  /// `get_slopes` of the authors' repository, translated line by line.
  static func slopes(_ count: Int) -> [Double] {
    let exponent = log2(Double(count))
    guard exponent != exponent.rounded(.down) else {
      let start = pow(2, -pow(2, -(exponent - 3)))
      return (0..<count).map { start * pow(start, Double($0)) }
    }
    let below = 1 << Int(exponent)
    let further = slopes(2 * below)
    return slopes(below) + (0..<count - below).map { further[2 * $0] }
  }

  @Test(arguments: 1...128) func `the slopes equal those of the authors' code`(headCount: Int)
    throws
  {
    let ours = try LinearBias.publishedSlopes(headCount: headCount)
    let theirs = Self.slopes(headCount)
    #expect(ours.count == headCount && theirs.count == headCount)
    for (a, b) in zip(ours, theirs) { #expect(abs(a - Float(b)) <= Float(b).ulp) }
  }

  @Test func `the slopes equal those of the fixture`() throws {
    let published: [[Double]] = try Fixtures.json("PositionBiases/slopes.json")
    #expect(published.count == 11)
    for slopes in published {
      let ours = try LinearBias.publishedSlopes(headCount: slopes.count)
      #expect(ours.count == slopes.count)
      for (a, b) in zip(ours, slopes) { #expect(abs(a - Float(b)) <= Float(b).ulp) }
    }
  }
}
