import Attention
import Foundation

/// The softmax of one query and the products of its weights with the values.
struct LessonRow {
  /// The number that is subtracted from every score before e^score, which changes no weight; 0 for small
  /// scores.
  let shift: Float
  /// e^(score − shift) of each key.
  let exponentials: [Double]
  /// The sum of the exponentials.
  let sum: Double
  /// The weight of each key times its value, `[key, dv]`.
  let weightedValues: [[Float]]
}

extension LessonHead {
  func row(_ query: Int) -> LessonRow {
    let scores = self.scores.row(query)
    let weights = self.weights.row(query)
    let largest = scores.max() ?? 0
    let shift = abs(largest) > 20 ? largest : 0
    // From the definition: deriving it from the weights would hide an error in the weights.
    let exponentials = scores.map { exp(Double($0) - Double(shift)) }
    return LessonRow(
      shift: shift, exponentials: exponentials, sum: exponentials.reduce(0, +),
      weightedValues: weights.indices.map { key in
        (0..<values.columnCount).map { weights[key] * values[key, $0] }
      })
  }
}
