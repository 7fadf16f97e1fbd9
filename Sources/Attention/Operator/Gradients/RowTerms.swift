import RealModule

/// The two numbers that connect the keys of this call with the whole row of the softmax, which may
/// have more keys.
///
/// P̂ is the softmax over the keys of this call, recomputed: it sums to 1 for scores of any size.
/// With m̂ and l̂ its maximum and sum, and m, l and O the row of the given result:
///
///     share = exp(m̂ − m) · l̂ / l     P = share · P̂
///     D = Σ dO ∘ O                    dS = P ∘ (dP − D)
///
/// If the share is 1, within the rounding error of the scores, the row has no other keys. Then D is
/// computed as Σ P̂ ∘ dP. This is the same number, with the same rounding errors as dP: if one key
/// has all the weight, dP − D is exactly 0.
struct RowTerms {
  /// From 0 to 1.
  let share: Double
  /// D.
  let product: Double

  /// One row of the result that the gradients start from.
  struct Given {
    /// m.
    let maximum: Float
    /// l.
    let sum: Float
    /// Whether m is a rounded log-sum-exp, and l is exactly 1.
    let isLogSumExp: Bool
    /// Computes Σ dO ∘ O.
    let product: () -> Double
  }

  /// The terms of a row without other keys.
  ///
  /// - Parameter product: Σ P̂ ∘ dP.
  init(wholeRow product: Double) {
    (share, self.product) = (1, product)
  }

  /// The terms of a row that may have other keys.
  ///
  /// - Parameters:
  ///   - maximum: m̂.
  ///   - sum: l̂.
  ///   - product: Σ P̂ ∘ dP.
  ///   - scoreSize: |scale| · ‖q‖ · Σ P̂ ‖k‖. The rounding error of m̂ + log l̂ is a few units in its
  ///     last place.
  init(maximum: Double, sum: Double, product: Double, scoreSize: Double, given: Given) {
    guard sum != 0, given.sum != 0 else {
      (share, self.product) = (0, 0)
      return
    }
    let m = Double(given.maximum)
    // Equal maxima may be infinite, and ∞ − ∞ is NaN.
    let logShare = (maximum == m ? 0 : maximum - m) + .log(sum / Double(given.sum))
    let units = 16 + 4 * scoreSize + (given.isLogSumExp ? 2 * abs(m) : 0)
    if logShare >= -units * Double(Float.ulpOfOne / 2) {
      (share, self.product) = (1, product)
    } else {
      (share, self.product) = (.exp(logShare), given.product())
    }
  }
}
