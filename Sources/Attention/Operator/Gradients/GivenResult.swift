/// A forward result that gradients start from, with checked shapes.
///
/// If its rows cover more keys than the call has, the call computes the gradients of a part.
package struct GivenResult: Sendable {
  /// O, `[query token, head, dv]`.
  let output: Tensor
  /// m and l, `[head, query token]`.
  let statistics: SoftmaxStatistics
  /// Whether the statistics are only a rounded log-sum-exp.
  let isLogSumExp: Bool

  init(_ result: AttentionResult, for problem: AttentionProblem) throws {
    let shape: Shape = [problem.queryCount, problem.headCount, problem.valueDimension]
    guard result.output.shape == shape else {
      throw AttentionError.shape(
        argument: "result.output", expected: "\(shape)", got: result.output.shape)
    }
    output = result.output
    isLogSumExp = result.statistics == nil
    statistics = try result.requiredStatistics(
      argument: "result", shape: [problem.headCount, problem.queryCount])
  }
}
