/// The softmax of a row whose keys were computed in parts. With mₚ, lₚ and Oₚ = Σ exp(s − mₚ) v of part p,
///
///     m = maxₚ mₚ      aₚ = exp(mₚ − m)      l = Σₚ aₚ lₚ      O = Σₚ aₚ Oₚ
///
/// - Source: Dao et al. 2022, section 3.1.
struct MergedRow {
  /// m.
  let maximum: Float
  /// l.
  let sum: Float
  /// aₚ; 0 for a part without visible keys.
  let factors: [Float]

  /// - Parameter parts: mₚ and lₚ of each part.
  init(_ parts: [(maximum: Float, sum: Float)]) {
    let largest = parts.reduce(-Float.infinity) { max($0, $1.maximum) }
    factors = parts.map { m, l in
      if l == 0 { return 0 }
      // Equal maxima may be infinite, and ∞ − ∞ is NaN.
      return m == largest ? 1 : VectorMath.exp(VectorMath.Lanes(repeating: m - largest))[0]
    }
    maximum = largest
    sum = zip(parts, factors).reduce(0) { $0 + $1.1 * $1.0.sum }
  }
}
