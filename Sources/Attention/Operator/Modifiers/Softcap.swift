import RealModule

/// Limits scores smoothly to the range from −c to c: s ← c · tanh(s / c).
///
/// - Source: Gemma Team 2024, section 2 (logit soft-capping).
struct Softcap: ScoreModifier {
  let cap: Float

  func value(of score: Double, at position: ScorePosition) -> Double {
    Double(cap) * .tanh(score / Double(cap))
  }

  func derivative(of score: Double, at position: ScorePosition) -> Double {
    let share = Double.tanh(score / Double(cap))
    return 1 - share * share
  }

  func modify(_ tile: ScoreTile) {
    for query in tile.queries { tile.kernels.softcap(tile.row(of: query), at: cap) }
  }

  func multiplyDerivative(into gradient: ScoreTile, scores: ScoreTile) {
    for query in gradient.queries {
      guard let inputs = scores.row(of: query).baseAddress else { continue }
      gradient.kernels.multiplySoftcapDerivative(
        into: gradient.row(of: query), scores: inputs, cap: cap)
    }
  }

  func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {
    guard cap > 0, cap.isFinite else {
      throw AttentionError.argument(
        "softcap", reason: "expected a positive number, got \(cap)")
    }
  }
}
