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
    for query in tile.queries {
      VectorMath.map(tile.row(of: query)) { VectorMath.tanh($0 / cap) * cap }
    }
  }

  func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {
    guard cap > 0, cap.isFinite else {
      throw AttentionError.argument(
        "softcap", reason: "expected a positive number, got \(cap)")
    }
  }
}
