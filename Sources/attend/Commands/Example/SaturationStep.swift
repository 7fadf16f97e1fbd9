import Attention
import Benchmarks

/// The softmax and the gradient of the scores for random queries and keys, with and without the scale 1/√dk.
struct SaturationStep: LessonStep {
  private static let headDimensions = [2, 8, 32, 128, 512]
  static let queryCount = 64
  static let keyCount = 8

  /// The largest weight of a query, and the norm of the gradient of its scores.
  struct Measures {
    let meanLargestWeight: Float
    let medianGradientNorm: Float
  }

  /// The measures for one head dimension.
  struct Row {
    let headDimension: Int
    let scaled: Measures
    let unscaled: Measures
  }

  func lines() throws -> [String] {
    var table = Table([.right, .right, .right, .right, .right])
    table.row("dk", "largest weight", "without scale", "gradient norm", "without scale")
    for row in try rows() {
      let measures = [row.scaled, row.unscaled]
      table.row(
        ["\(row.headDimension)"]
          + measures.map { String($0.meanLargestWeight, digits: 4) }
          + measures.map { String($0.medianGradientNorm, digits: 6) })
    }
    return [
      "Why scores are scaled: \(Self.queryCount) random queries and \(Self.keyCount) random keys, all numbers "
        + "of variance 1.",
      "   q·k has the variance dk. Without the scale 1/√dk, one weight is almost 1 and the others 0: the",
      "   softmax saturates. A small change of the scores then changes no weight: their gradient vanishes,",
      "   and training cannot improve them. The table shows the mean of the largest weight of a query, and",
      "   the median of the norm of the gradient of its scores, which attentionGradients computes.",
      "",
    ] + table.lines
  }

  func rows() throws -> [Row] {
    try Self.headDimensions.map {
      Row(
        headDimension: $0, scaled: try measures(headDimension: $0, scale: nil),
        unscaled: try measures(headDimension: $0, scale: 1))
    }
  }

  private func measures(headDimension: Int, scale: Float?) throws -> Measures {
    var generator = BenchGenerator(seed: 1)
    let (rows, columns) = (Self.queryCount, Self.keyCount)
    let queries = try generator.normalTensor([rows, 1, headDimension])
    let keys = try generator.normalTensor([columns, 1, headDimension])
    let values = try generator.normalTensor([columns, 1, 8])
    let outputGradient = try generator.normalTensor([rows, 1, 8])
    // The gradient of a bias of the scores is the gradient of the scores.
    let options = AttentionOptions(
      scale: scale, bias: try Tensor(shape: [rows, columns], repeating: 0))
    let result = try attention(
      queries: queries, keys: keys, values: values, options: options,
      returning: [.weights, .logSumExp])
    let gradients = try attentionGradients(
      of: outputGradient, queries: queries, keys: keys, values: values, options: options,
      result: result)
    let weights = try result.weights?.reshaped(to: [rows, columns]).rows ?? []
    let norms = (gradients.bias?.rows ?? []).map { row in
      row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }.sorted()
    let sum = weights.reduce(Float(0)) { $0 + ($1.max() ?? 0) }
    return Measures(
      meanLargestWeight: sum / Float(rows), medianGradientNorm: norms[norms.count / 2])
  }
}
