/// The operator computed tile by tile, with a softmax that is corrected as keys come in.
///
/// For a block of queries, keys are taken a block at a time. Each tile of scores is one matrix
/// product, and so is its contribution to the output:
///
///     S = scale · Q Kᵀ                    scores of this tile; hidden ones become −∞
///     m′ = max(m, max S)                  the largest score so far
///     P = exp(S − m′),  a = exp(m − m′)   a corrects what was summed under the old maximum
///     l = a · l + Σ P
///     O = a · O + P V
///
/// and O / l at the end is softmax(scores) V. Only one tile of scores exists at a time.
///
/// - Source: Milakov & Gimelshein 2018 (online softmax); Dao et al. 2022 (tiling).
struct TiledAttention {
  /// The queries of a tile. With `keyBlock` it sets the work memory: 128 · 512 scores are 256 KiB,
  /// which a second-level cache holds beside the keys and values that it multiplies.
  static let queryBlock = 128
  static let keyBlock = 512

  private let problem: AttentionProblem
  private let compute: Compute

  init(_ problem: AttentionProblem, compute: Compute) {
    self.problem = problem
    self.compute = compute
  }

  /// One unit of work for a thread: a block of queries of one head of one sequence.
  private struct Block {
    let sequence: Int
    let head: Int
    let queries: Range<Int>
  }

  func run(returning results: AttentionResults) throws -> AttentionResult {
    let (H, Q) = (problem.headCount, problem.queryCount)
    var result = AttentionResult(
      output: try Tensor(shape: [Q, H, problem.valueDimension]) { _ in })
    if results.contains(.weights) {
      result.weights = try Tensor(shape: [H, Q, problem.keyCount], repeating: 0)
    }
    if results.contains(.logSumExp) {
      result.logSumExp = try Tensor(shape: [H, Q], repeating: -.infinity)
    }

    var work: [Block] = []
    for (index, sequence) in problem.sequences.enumerated() {
      for queries in blocks(of: 0..<sequence.queries.count, length: Self.queryBlock) {
        for head in 0..<H { work.append(Block(sequence: index, head: head, queries: queries)) }
      }
    }

    try withPointers(to: &result) { pointers in
      nonisolated(unsafe) let pointers = pointers
      let work = work
      try Workers.forEach(count: work.count, threads: compute.threadCount) { index in
        let block = work[index]
        try Scratch.withFloats(count: Self.scratchCount) { scratch in
          let scores = ScorePass(
            problem: problem, kernels: compute.backend.kernels,
            sequence: problem.sequences[block.sequence], head: block.head,
            queries: pointers.queries, keys: pointers.keys)
          try AttentionTile(
            scores: scores, queries: block.queries, pointers: pointers, scratch: scratch
          ).run()
        }
      }
    }
    if results.contains(.meanWeights) {
      result.meanWeights = try WeightBlocks(problem, compute: compute).mean()
    }
    return result
  }

  /// Scores of a tile; maximum, sum and correction of each row.
  private static var scratchCount: Int { queryBlock * keyBlock + 3 * queryBlock }

  /// Where the arguments and the results lie.
  struct Pointers {
    let queries: UnsafePointer<Float>
    let keys: UnsafePointer<Float>
    let values: UnsafePointer<Float>
    let output: UnsafeMutablePointer<Float>
    let weights: UnsafeMutablePointer<Float>?
    let logSumExp: UnsafeMutablePointer<Float>?
  }

  private func withPointers(
    to result: inout AttentionResult, _ body: (Pointers) throws -> Void
  ) throws {
    try problem.queries.withUnsafeBase { queries in
      try problem.keys.withUnsafeBase { keys in
        try problem.values.withUnsafeBase { values in
          try result.output.withUnsafeMutableScalars { output in
            try result.weights.withMutableBase { weights in
              try result.logSumExp.withMutableBase { logSumExp in
                guard let output = output.baseAddress else { return }
                try body(
                  Pointers(
                    queries: queries, keys: keys, values: values, output: output, weights: weights,
                    logSumExp: logSumExp))
              }
            }
          }
        }
      }
    }
  }
}

extension Tensor? {
  /// Calls `body` with the address of the first scalar, nil for no tensor.
  mutating func withMutableBase(
    _ body: (UnsafeMutablePointer<Float>?) throws -> Void
  ) throws {
    if self == nil { return try body(nil) }
    try self?.withUnsafeMutableScalars { try body($0.baseAddress) }
  }
}
