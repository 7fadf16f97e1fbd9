import Attention
import Foundation

/// log softmax(ℓ) of a row of logits.
struct LogProbabilities {
  private let maximum: Float
  private let logSum: Float

  /// - Parameters:
  ///   - row: at least one finite logit, no NaN.
  ///   - scratch: working memory of the size of the row.
  init(_ row: UnsafeBufferPointer<Float>, scratch: inout [Float], kernels: any Kernels) {
    let maximum = kernels.maximum(row)
    if scratch.count != row.count { scratch = Array(repeating: 0, count: row.count) }
    let sum = scratch.withUnsafeMutableBufferPointer { scratch in
      _ = scratch.update(fromContentsOf: row)
      return kernels.exponentials(scratch, minus: maximum)
    }
    self.maximum = maximum
    logSum = log(sum)
  }

  /// (ℓ − max) − log Σ e^(ℓ − max), in the order with the smallest rounding error.
  func callAsFunction(_ logit: Float) -> Float { (logit - maximum) - logSum }

  /// Replaces a row of logits with their log-probabilities.
  func replace(_ row: UnsafeMutableBufferPointer<Float>) {
    for index in row.indices { row[index] = (row[index] - maximum) - logSum }
  }
}

extension GeneratedToken {
  /// The token `id`, with log-probabilities computed from the model's `logits` if the options request them.
  init(
    id: Int, logits: UnsafeBufferPointer<Float>, options: GenerationOptions, scratch: inout [Float],
    kernels: any Kernels
  ) {
    self.init(id: id)
    guard let count = options.logProbabilities else { return }
    guard kernels.maximum(logits) > -.infinity else {
      logProbability = -.infinity
      return
    }
    let logarithm = LogProbabilities(logits, scratch: &scratch, kernels: kernels)
    logProbability = logarithm(logits[id])
    alternatives = TopK.find(count, in: logits, kernels: kernels).map {
      Alternative(id: $0.index, logProbability: logarithm($0.value))
    }
  }
}
