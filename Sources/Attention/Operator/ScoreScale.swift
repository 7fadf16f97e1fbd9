/// The factor of QKᵀ, divided into a factor of the queries and a factor of the product, so that no
/// intermediate result overflows: scale · q·k = onProduct · ((onQueries · q) · k).
///
/// For a scale below 1, the queries are multiplied by its power of two. This multiplication is
/// exact, so the scores have the same bits as if the product were multiplied by the whole scale.
struct ScoreScale {
  let value: Float
  /// A power of two up to 1; 0 for a scale of 0.
  let onQueries: Float
  /// The remaining factor. If `onQueries` is below 1, its magnitude is at least 1, unless the scale
  /// is subnormal.
  let onProduct: Float

  init(_ value: Float) {
    self.value = value
    guard value != 0 else {
      // With a scale of 0, only finite queries and keys give scores of 0: NaN and ∞ still reach the
      // product.
      (onQueries, onProduct) = (0, 1)
      return
    }
    // With the smallest normal number as the lower bound, both factors are exact.
    let power = Float(sign: .plus, exponent: min(0, max(value.exponent, -126)), significand: 1)
    (onQueries, onProduct) = (power, value / power)
  }

}

/// Throws for a scale of NaN or ∞.
func requireFinite(scale: Float) throws {
  guard scale.isFinite else {
    throw AttentionError.argument("scale", reason: "expected a finite number, got \(scale)")
  }
}
