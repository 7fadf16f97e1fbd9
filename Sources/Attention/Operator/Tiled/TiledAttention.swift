/// The operator, computed tile by tile with an online softmax.
///
/// Each block of queries processes the keys one block at a time. Each tile of scores is one matrix
/// product, and so is its contribution to the output:
///
///     S = scale · Q Kᵀ                    scores of this tile; hidden ones become −∞
///     m′ = max(m, max S)                  the largest score so far
///     P = exp(S − m′),  a = exp(m − m′)   a rescales the sums of the old maximum
///     l = a · l + Σ P
///     O = a · O + P V
///
/// At the end, O / l is softmax(scores) V. Each thread has only one tile of scores at a time.
///
/// - Source: Milakov & Gimelshein 2018 (online softmax); Dao et al. 2022 (tiling).
struct TiledAttention {
  private let problem: AttentionProblem
  private let kernels: any Kernels
  private let threads: Int

  init(_ problem: AttentionProblem, kernels: any Kernels, threads: Int) {
    self.problem = problem
    self.kernels = kernels
    self.threads = threads
  }

  /// - Parameter output: memory for the output, used if it is large enough.
  func run(
    returning results: AttentionResults, output: consuming Tensor? = nil
  ) throws -> AttentionResult {
    let (H, Q) = (problem.headCount, problem.queryCount)
    var result = AttentionResult(
      output: try Tensor(uninitialized: [Q, H, problem.valueDimension], reusing: output))
    if results.contains(.weights) {
      result.weights = try Tensor(shape: [H, Q, problem.keyCount], repeating: 0)
    }
    var statistics: SoftmaxStatistics?
    if results.contains(.logSumExp) {
      statistics = SoftmaxStatistics(
        maximum: try Tensor(shape: [H, Q], repeating: -.infinity),
        sum: try Tensor(shape: [H, Q], repeating: 0))
    }
    try withPointers(to: &result, &statistics, run)
    result.logSumExp = try statistics?.logSumExp()
    result.statistics = statistics
    if results.contains(.meanWeights) {
      result.meanWeights = try WeightBlocks(problem, kernels: kernels, threads: threads).mean()
    }
    return result
  }

  /// The addresses of the arguments and the results.
  struct Pointers {
    let queries: UnsafePointer<Float>
    let keys: UnsafePointer<Float>
    let values: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let weights: UnsafeMutablePointer<Float>?
    let maximum: UnsafeMutablePointer<Float>?
    let sum: UnsafeMutablePointer<Float>?
  }

  private func run(_ pointers: Pointers) throws {
    let sizes = TileSizes(problem, kernels: kernels, threads: threads)
    let work = AttentionWork(
      problem, sizes: sizes, threads: threads, mayDivideKeys: pointers.weights == nil)
    nonisolated(unsafe) let pointers = pointers
    try Scratch.withFloats(count: work.partCount * work.partSize) { parts in
      nonisolated(unsafe) let parts = parts
      try Workers.forEach(count: work.shares.count, threads: threads) { share in
        try Scratch.withFloats(
          count: AttentionBlock.scratchCount(problem, sizes)
        ) { scratch in
          for item in work.items[work.shares[share]] {
            let block = AttentionBlock(
              problem: problem, kernels: kernels, item: item, sizes: sizes,
              pointers: pointers, scratch: scratch)
            if let part = item.part {
              try block.accumulate(into: parts + part.index * work.partSize)
            } else {
              try block.run()
            }
          }
        }
      }
      for item in work.items {
        guard let part = item.part, part.index == part.siblings.lowerBound else { continue }
        try Scratch.withFloats(count: AttentionBlock.scratchCount(problem, sizes)) { scratch in
          let block = AttentionBlock(
            problem: problem, kernels: kernels, item: item, sizes: sizes,
            pointers: pointers, scratch: scratch)
          try block.merge(
            part.siblings.count, parts + part.siblings.lowerBound * work.partSize, work.partSize)
        }
      }
    }
  }

  private func withPointers(
    to result: inout AttentionResult, _ statistics: inout SoftmaxStatistics?,
    _ body: (Pointers) throws -> Void
  ) throws {
    var (maximum, sum) = (statistics?.maximum, statistics?.sum)
    statistics = nil  // The two tensors are the only owners of their memory while it is written.
    try problem.queries.withUnsafeBase { queries in
      try problem.keys.withUnsafeBase { keys in
        try problem.values.withUnsafeBase { values in
          try result.output.withUnsafeMutableScalars { output in
            try result.weights.withUnsafeMutableBase { weights in
              try maximum.withUnsafeMutableBase { maximum in
                try sum.withUnsafeMutableBase { sum in
                  guard let output = output.baseAddress else { return }
                  try body(
                    Pointers(
                      queries: queries, keys: keys, values: values, output: output,
                      weights: weights, maximum: maximum, sum: sum))
                }
              }
            }
          }
        }
      }
    }
    if let maximum, let sum { statistics = SoftmaxStatistics(maximum: maximum, sum: sum) }
  }
}

extension Kernels {
  package func attention(
    _ problem: AttentionProblem, threads: Int, returning results: AttentionResults,
    output: consuming Tensor?
  ) throws -> AttentionResult {
    try TiledAttention(problem, kernels: self, threads: threads)
      .run(returning: results, output: output)
  }
}
