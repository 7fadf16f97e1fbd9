/// A change to the scores between scaling and masking: s ← f(s, position).
///
/// Write the formula and its derivative; the operator, its gradients and the Double reference then
/// know what to do. The generic code is specialised for your type, so no closure is called for a
/// score. Where the loop over a tile can be made faster, write `modify(_:)` and
/// `multiplyDerivative(into:scores:)` too: tests can hold them to the formula.
///
/// ```swift
/// /// Keys further away than `reach` count a fixed amount less.
/// struct FarPenalty: ScoreBias {
///   let reach: Int
///   func bias(at position: ScorePosition) -> Double {
///     abs(position.distance()) > reach ? -2 : 0
///   }
/// }
///
/// let options = AttentionOptions(modifiers: [FarPenalty(reach: 8)], mask: .causal)
/// ```
///
/// Masks come after every modifier: a score that a mask hides stays hidden whatever f makes of it.
/// <doc:Writing-a-score-modifier> builds one step by step.
public protocol ScoreModifier: Sendable {
  /// f(score) at a position: what the Double reference evaluates.
  func value(of score: Double, at position: ScorePosition) -> Double

  /// f′(score) at a position: what gradients are multiplied by.
  ///
  /// - Parameters:
  ///   - score: the score before this modifier, not f(score).
  ///   - position: where the score stands.
  func derivative(of score: Double, at position: ScorePosition) -> Double

  /// Replaces every score s of the tile by f(s). The default calls ``value(of:at:)`` for each.
  func modify(_ tile: ScoreTile)

  /// Multiplies every number of `gradient` by f′ of the score at the same place. The default calls
  /// ``derivative(of:at:)`` for each.
  ///
  /// - Parameters:
  ///   - gradient: the derivatives of the loss by f(s), which become those by s.
  ///   - scores: s, the scores before this modifier, of the same queries and keys.
  func multiplyDerivative(into gradient: ScoreTile, scores: ScoreTile)

  /// Refuses arguments that this modifier does not fit. The default accepts everything.
  ///
  /// - Parameters:
  ///   - headCount: the heads of the queries.
  ///   - queryCount: the query tokens, over all packed sequences.
  ///   - keyCount: the key tokens, over all packed sequences.
  /// - Throws: an `AttentionError` that names the modifier, with both shapes.
  func validate(headCount: Int, queryCount: Int, keyCount: Int) throws
}

extension ScoreModifier {
  /// Replaces every score by the formula's value.
  @inlinable
  public func modify(_ tile: ScoreTile) {
    tile.forEachRow { query, row in
      for index in row.indices {
        let position = tile.position(query: query, key: tile.keys.lowerBound + index)
        row[index] = Float(value(of: Double(row[index]), at: position))
      }
    }
  }

  /// Multiplies the gradient by the formula's derivative.
  @inlinable
  public func multiplyDerivative(into gradient: ScoreTile, scores: ScoreTile) {
    for query in gradient.queries {
      let (slopes, inputs) = (gradient.row(of: query), scores.row(of: query))
      for index in slopes.indices {
        let position = gradient.position(query: query, key: gradient.keys.lowerBound + index)
        slopes[index] *= Float(derivative(of: Double(inputs[index]), at: position))
      }
    }
  }

  /// Accepts everything.
  public func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {}
}

/// A modifier that adds something which does not depend on the score: s ← s + b(position).
public protocol ScoreBias: ScoreModifier {
  /// b at a position, whatever the score.
  func bias(at position: ScorePosition) -> Double
}

extension ScoreBias {
  /// score + b.
  @inlinable
  public func value(of score: Double, at position: ScorePosition) -> Double {
    score + bias(at: position)
  }

  /// 1.
  @inlinable
  public func derivative(of score: Double, at position: ScorePosition) -> Double { 1 }

  /// Leaves the gradient as it is.
  @inlinable
  public func multiplyDerivative(into gradient: ScoreTile, scores: ScoreTile) {}
}
