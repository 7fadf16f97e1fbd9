import Attention
import Foundation
import TestSupport
import Testing

/// Reduces the scores of keys further away than `reach` by a fixed amount.
struct FarPenalty: ScoreBias {
  let reach: Int
  func bias(at position: ScorePosition) -> Double {
    abs(position.distance()) > reach ? -2 : 0
  }
}

struct LogCompression: ScoreModifier {
  func value(of score: Double, at position: ScorePosition) -> Double {
    score < 0 ? -log1p(-score) : log1p(score)
  }

  func derivative(of score: Double, at position: ScorePosition) -> Double {
    1 / (1 + abs(score))
  }
}

struct FastLogCompression: ScoreModifier {
  func value(of score: Double, at position: ScorePosition) -> Double {
    LogCompression().value(of: score, at: position)
  }

  func derivative(of score: Double, at position: ScorePosition) -> Double {
    LogCompression().derivative(of: score, at: position)
  }

  func modify(_ tile: ScoreTile) {
    // row[i] belongs to key tile.keys.lowerBound + i
    tile.forEachRow { query, row in
      for index in row.indices {
        row[index] = row[index] < 0 ? -log1p(-row[index]) : log1p(row[index])
      }
    }
  }
}

struct HeadTemperature: ScoreModifier {
  let temperatures: Tensor  // [head]

  var parameters: Tensor? { temperatures }

  func value(of score: Double, at position: ScorePosition) -> Double {
    temperature(of: position.head) * score
  }

  func derivative(of score: Double, at position: ScorePosition) -> Double {
    temperature(of: position.head)
  }

  func parameterDerivatives(
    of score: Double, at position: ScorePosition
  ) -> [(index: Int, derivative: Double)] {
    [(position.head, score)]
  }

  private func temperature(of head: Int) -> Double { temperatures.withSpan { Double($0[head]) } }
}

/// The code of the article "Writing a score modifier".
struct ScoreModifierCode {
  private let q: Tensor
  private let k: Tensor
  private let v: Tensor

  init() throws {
    var generator = SeededGenerator(seed: 2)
    q = try generator.normalTensor([70, 2, 8])
    k = try generator.normalTensor([70, 2, 8])
    v = try generator.normalTensor([70, 2, 8])
  }

  @Test func `a formula and its derivative make a modifier`() throws {
    let options = AttentionOptions(
      modifiers: [LogCompression(), FarPenalty(reach: 8)], mask: .causal)
    let output = try attention(
      queries: q, keys: k, values: v, options: options
    ).output
    let reference = try attention(
      queries: q, keys: k, values: v, options: options, on: .reference
    ).output
    #expect(largestDistance(output.scalars, reference.scalars.map(Double.init)) < 1e-5)
    let plain = try attention(queries: q, keys: k, values: v, mask: .causal)
    #expect(largestDistance(output.scalars, plain.scalars.map(Double.init)) > 0.01)
  }

  @Test func `the derivative agrees with finite differences`() {
    let place = ScorePosition(
      head: 0, query: 2, key: 1, queryCount: 4, keyCount: 4)
    let (step, compression) = (1e-6, LogCompression())
    let errors = [-3, -0.5, 0.25, 2].map { score in
      let above = compression.value(of: score + step, at: place)
      let below = compression.value(of: score - step, at: place)
      let derivative = compression.derivative(of: score, at: place)
      return abs((above - below) / (2 * step) - derivative)
    }
    // each less than 1e-9
    #expect(errors.count == 4 && errors.allSatisfy { $0 < 1e-9 })
  }

  @Test func `a custom loop agrees with the formula, and so do the gradients`() throws {
    let fast = AttentionOptions(modifiers: [FastLogCompression()], mask: .causal)
    let looped = try attention(
      queries: q, keys: k, values: v, options: fast, on: .portable)
    let formula = try attention(
      queries: q, keys: k, values: v, options: fast, on: .reference)
    let errors = zip(looped.output.scalars, formula.output.scalars)
    let error = errors.map { abs($0 - $1) }.max() ?? 0
    // error < 1e-5
    #expect(error < 1e-5)

    let gradients = try [Backend.portable, .reference].map {
      try attentionGradients(of: v, queries: q, keys: k, values: v, options: fast, on: $0)
    }
    #expect(
      largestDistance(gradients[0].queries.scalars, gradients[1].queries.scalars.map(Double.init))
        < 1e-4)
  }

  @Test func `trainable parameters have a gradient`() throws {
    let temperatures = try Tensor(shape: [2], scalars: [0.5, 2])
    let trained = AttentionOptions(modifiers: [HeadTemperature(temperatures: temperatures)])
    let gradients = try attentionGradients(of: v, queries: q, keys: k, values: v, options: trained)
    let step = gradients.modifiers[0]  // [head]
    let exact = try attentionGradients(
      of: v, queries: q, keys: k, values: v, options: trained, on: .reference)
    let expected = try #require(exact.modifiers[0]).scalars.map(Double.init)
    #expect(try #require(step).shape == [2])
    let largest = expected.reduce(0) { max($0, abs($1)) }
    #expect(largestDistance(try #require(step).scalars, expected) < 1e-4 * largest)
  }
}
