/// The factor on QKᵀ, divided between the queries and the product so that no score overflows on the
/// way: scale · q·k = onProduct · ((onQueries · q) · k).
///
/// A scale below 1 puts its power of two on the queries. Multiplying by a power of two is exact, so
/// the scores have the same bits as with the whole scale on the product.
struct ScoreScale {
  /// The scale itself.
  let value: Float
  /// A power of two up to 1; 0 for a scale of 0.
  let onQueries: Float
  /// The rest: at least 1 in magnitude where `onQueries` is below 1, unless the scale is subnormal.
  let onProduct: Float

  init(_ value: Float) {
    self.value = value
    guard value != 0 else {
      // Only finite queries and keys give scores of 0: NaN and ∞ still reach the product.
      (onQueries, onProduct) = (0, 1)
      return
    }
    // The least normal number keeps both factors exact.
    let power = Float(sign: .plus, exponent: min(0, max(value.exponent, -126)), significand: 1)
    (onQueries, onProduct) = (power, value / power)
  }

  /// target ← onQueries · query, for one row of Q.
  func copy(
    _ query: UnsafePointer<Float>, count: Int, to target: UnsafeMutablePointer<Float>
  ) {
    target.update(from: query, count: count)
    guard onQueries != 1 else { return }
    for index in 0..<count { target[index] *= onQueries }
  }
}

/// Refuses a scale of NaN or ∞.
func requireFinite(scale: Float) throws {
  guard scale.isFinite else {
    throw AttentionError.argument("scale", reason: "expected a finite number, got \(scale)")
  }
}
