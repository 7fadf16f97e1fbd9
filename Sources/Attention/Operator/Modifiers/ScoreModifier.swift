/// A change to the scores between scaling and masking: s ← f(s, position).
///
/// Implement the formula and its derivative. The operator, its gradients and the double-precision
/// reference use them. The generic code is specialized for your type, so there is no closure call
/// per score. To speed up the loop over a tile, also implement `modify(_:)` and
/// `multiplyDerivative(into:scores:)`; tests can compare them with the formula.
///
/// ```swift
/// /// Reduces the scores of keys further away than `reach` by a fixed amount.
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
/// Masks are applied after all modifiers: a score that a mask hides stays hidden whatever the
/// modifier returns. <doc:Writing-a-score-modifier> builds a modifier step by step.
public protocol ScoreModifier: Sendable {
  /// f(score) at a position, evaluated by the double-precision reference.
  func value(of score: Double, at position: ScorePosition) -> Double

  /// f′(score) at a position, the factor of the gradient.
  ///
  /// - Parameters:
  ///   - score: the score before this modifier, not f(score).
  ///   - position: the position of the score.
  func derivative(of score: Double, at position: ScorePosition) -> Double

  /// Replaces every score s of the tile by f(s). The default calls ``value(of:at:)`` for each.
  func modify(_ tile: ScoreTile)

  /// Multiplies every number of `gradient` by f′ of the corresponding score. The default calls
  /// ``derivative(of:at:)`` for each.
  ///
  /// - Parameters:
  ///   - gradient: the derivatives of the loss with respect to f(s). On return, those with respect
  ///     to s.
  ///   - scores: s, the scores before this modifier, for the same queries and keys.
  func multiplyDerivative(into gradient: ScoreTile, scores: ScoreTile)

  /// Throws if this modifier does not fit the operator's arguments. The default accepts all
  /// arguments.
  ///
  /// - Parameters:
  ///   - headCount: the number of query heads.
  ///   - queryCount: the number of query tokens of all packed sequences.
  ///   - keyCount: the number of key tokens of all packed sequences.
  /// - Throws: an `AttentionError` that names the modifier, with both shapes.
  func validate(headCount: Int, queryCount: Int, keyCount: Int) throws
}

extension ScoreModifier {
  /// Replaces every score by ``value(of:at:)``.
  @inlinable
  public func modify(_ tile: ScoreTile) {
    tile.forEachRow { query, row in
      for index in row.indices {
        let position = tile.position(query: query, key: tile.keys.lowerBound + index)
        row[index] = Float(value(of: Double(row[index]), at: position))
      }
    }
  }

  /// Multiplies every number of the gradient by ``derivative(of:at:)``.
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

  /// Accepts all arguments.
  public func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {}
}

/// A modifier that adds a number that does not depend on the score: s ← s + b(position).
public protocol ScoreBias: ScoreModifier {
  /// b at a position.
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

  /// Does nothing, because the derivative is 1.
  @inlinable
  public func multiplyDerivative(into gradient: ScoreTile, scores: ScoreTile) {}
}
