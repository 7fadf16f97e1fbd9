import Attention
import Foundation
import TestSupport
import Testing

@Suite struct PrincipalComponentsTests {
  /// Vectors whose covariance is known: independent directions with the given deviations.
  private func vectors(_ rows: Int, _ deviations: [Float]) throws -> Tensor {
    var generator = SeededGenerator(seed: 12)
    return try Tensor(
      rows: (0..<rows).map { _ in
        deviations.map { 3 + $0 * Float.random(in: -1...1, using: &generator) }
      })
  }

  @Test(arguments: [(40, 6), (6, 40), (9, 9)])
  func `coordinates keep the distances if there are enough components`(
    rows: Int, features: Int
  ) throws {
    let vectors = try vectors(rows, (0..<features).map { 1 / Float($0 + 1) })
    let count = min(rows, features)
    let components = try PrincipalComponents(of: vectors, count: count)
    let points = try components.coordinates(of: vectors, count: count)
    for (a, b) in [(0, 1), (2, 5), (3, 4)] {
      func distance(_ x: [Float], _ y: [Float]) -> Float {
        zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      let expected = distance(vectors.row(a), vectors.row(b))
      #expect(abs(distance(points.row(a), points.row(b)) - expected) < 1e-4 * (1 + expected))
    }
    #expect(abs(components.explained.reduce(0, +) - 1) < 1e-4)
    #expect(components.explained == components.explained.sorted(by: >))
  }

  @Test func `directions are orthogonal, of length 1, and the first has the largest variance`()
    throws
  {
    let vectors = try vectors(200, [0.1, 5, 0.2, 1])
    let components = try PrincipalComponents(of: vectors, count: 2)
    let (first, second) = (components.directions[0], components.directions[1])
    #expect(first[1] > 0.99 && second[3] > 0.99)
    func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    #expect(abs(dot(first, first) - 1) < 1e-5 && abs(dot(first, second)) < 1e-4)
    #expect(components.explained[0] > 0.9)
  }

  @Test func `the largest feature of a direction is positive`() throws {
    var generator = SeededGenerator(seed: 13)
    for rows in [4, 7, 12, 30, 60] {
      let vectors = try Tensor(
        rows: (0..<rows).map { _ in
          (0..<11).map { _ in Float.random(in: -1...1, using: &generator) }
        })
      for direction in try PrincipalComponents(of: vectors, count: 3).directions {
        #expect((direction.max { abs($0) < abs($1) } ?? 0) > 0)
      }
    }
  }

  @Test func `equal vectors, one vector and no vectors have no components`() throws {
    for rows in [0, 1, 5] {
      let vectors = try Tensor(shape: [rows, 3], repeating: 2)
      let components = try PrincipalComponents(of: vectors, count: 2)
      #expect(components.directions.isEmpty)
      #expect(try components.coordinates(of: vectors, count: 2).scalars.allSatisfy { $0 == 0 })
    }
    let broken = try Tensor(rows: [[1, .nan]])
    #expect(failureText { try PrincipalComponents(of: broken, count: 1) }.contains("finite"))
  }
}
