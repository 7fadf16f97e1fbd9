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
/// A modifier with trainable numbers θ also has ``parameters`` and
/// ``parameterDerivatives(of:at:)``; ``attentionGradients(of:queries:keys:values:options:result:on:)`` then
/// returns their gradient.
///
/// Masks come after every modifier: a hidden score stays hidden.
/// <doc:Writing-a-score-modifier> builds a modifier step by step.
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
  ///   - gradient: the derivatives of the loss with respect to f(s), to be replaced by the
  ///     derivatives with respect to s.
  ///   - scores: s, the scores before this modifier, of the same queries and keys.
  func multiplyDerivative(into gradient: ScoreTile, scores: ScoreTile)

  /// Whether f(s) − s does not depend on s. Then f′ is 1, and the scores are not computed again for
  /// gradients. Default: false; true for a ``ScoreBias``.
  var isAdditive: Bool { get }

  /// θ, the trainable numbers that f depends on, in any shape. Default: nil, none.
  var parameters: Tensor? { get }

  /// The scores that may depend on the same parameter. Default: ``ScoreParameterSharing/any``.
  var parameterSharing: ScoreParameterSharing { get }

  /// ∂f(score)/∂θ at a position, for the parameters that f depends on there.
  ///
  /// The gradient of a loss with respect to a parameter is Σ ∂loss/∂f · ∂f/∂θ over all scores that
  /// are not hidden.
  ///
  /// - Parameters:
  ///   - score: the score before this modifier; 0 if ``isAdditive`` is true.
  ///   - position: the position of the score.
  /// - Returns: the index of each such parameter, in row-major order, and the derivative. Default:
  ///   none.
  func parameterDerivatives(
    of score: Double, at position: ScorePosition
  ) -> [(index: Int, derivative: Double)]

  /// Adds the contribution of a tile to the gradient of the parameters: gradientₖ ← gradientₖ + Σ
  /// slope · ∂f/∂θₖ. The default calls ``parameterDerivatives(of:at:)`` for each score whose slope is
  /// not 0.
  ///
  /// - Parameters:
  ///   - slopes: the derivatives of the loss with respect to f(s); 0 for hidden scores.
  ///   - scores: s, of the same queries and keys; nil if ``isAdditive`` is true.
  ///   - gradient: one number for each parameter, in row-major order.
  func addParameterGradient(
    slopes: ScoreTile, scores: ScoreTile?, to gradient: inout MutableSpan<Float>)

  /// Throws if this modifier does not fit the arguments. The default accepts everything.
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

  /// False.
  public var isAdditive: Bool { false }

  /// None.
  public var parameters: Tensor? { nil }

  /// ``ScoreParameterSharing/any``.
  public var parameterSharing: ScoreParameterSharing { .any }

  /// None.
  public func parameterDerivatives(
    of score: Double, at position: ScorePosition
  ) -> [(index: Int, derivative: Double)] { [] }

  /// Adds slope · ∂f/∂θ for every score.
  @inlinable
  public func addParameterGradient(
    slopes: ScoreTile, scores: ScoreTile?, to gradient: inout MutableSpan<Float>
  ) {
    for query in slopes.queries {
      let (row, inputs) = (slopes.row(of: query), scores?.row(of: query))
      for index in row.indices where row[index] != 0 {
        let position = slopes.position(query: query, key: slopes.keys.lowerBound + index)
        let score = inputs.map { Double($0[index]) } ?? 0
        for (parameter, derivative) in parameterDerivatives(of: score, at: position) {
          gradient[parameter] += row[index] * Float(derivative)
        }
      }
    }
  }

  /// Accepts everything.
  public func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {}
}

/// The scores that may depend on the same parameter of a ``ScoreModifier``. They determine how
/// threads divide the computation of the parameters' gradient.
public enum ScoreParameterSharing: Sendable, Hashable {
  /// Each parameter belongs to one score: one query and key of one head.
  case score
  /// Each parameter belongs to one query and key, of one or more heads.
  case heads
  /// Any scores may share a parameter. The gradient then takes the memory of the parameters once per
  /// sequence and key-value head.
  case any
}

/// A modifier that adds a number that does not depend on the score: s ← s + b(position).
public protocol ScoreBias: ScoreModifier {
  /// b at a position.
  func bias(at position: ScorePosition) -> Double
}

extension ScoreBias {
  /// True.
  public var isAdditive: Bool { true }

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
