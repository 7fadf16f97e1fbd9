import Synchronization

/// The gradients computed strip by strip, on several threads.
///
/// The gradients of keys and values are sums over all query heads that read them. So a thread takes all
/// query heads of one key-value head of one sequence; if heads share a bias, all heads of a sequence.
struct TiledGradients {
  private let problem: AttentionProblem
  private let compute: Compute
  private let outputGradient: Tensor
  /// The result to start from; nil where the problem's keys are all that there are.
  private let given: GivenResult?

  init(
    _ problem: AttentionProblem, compute: Compute, outputGradient: Tensor, given: GivenResult?
  ) {
    self.problem = problem
    self.compute = compute
    self.outputGradient = outputGradient
    self.given = given
  }

  /// The addresses of the arguments and the results.
  struct Pointers {
    let queries: UnsafePointer<Float>
    let keys: UnsafePointer<Float>
    let values: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>
    let given: Given?
    let queryGradient: UnsafeMutablePointer<Float>
    let keyGradient: UnsafeMutablePointer<Float>
    let valueGradient: UnsafeMutablePointer<Float>
    let biasGradient: UnsafeMutablePointer<Float>?

    /// O, m and l of the given result.
    struct Given {
      let output: UnsafePointer<Float>
      let maximum: UnsafePointer<Float>
      let sum: UnsafePointer<Float>
      let isLogSumExp: Bool
    }
  }

  /// The additive tensor among the modifiers.
  private var bias: TensorBias? { problem.modifiers.lazy.compactMap { $0 as? TensorBias }.first }

  func run() throws -> AttentionGradients {
    var gradients = AttentionGradients(
      queries: try Tensor(shape: problem.queries.shape, repeating: 0),
      keys: try Tensor(shape: problem.keys.shape, repeating: 0),
      values: try Tensor(shape: problem.values.shape, repeating: 0),
      bias: try bias.map { try Tensor(shape: $0.tensor.shape, repeating: 0) })

    let groupSize = problem.headCount / problem.keyValueHeadCount
    let isBiasShared = bias.map { $0.tensor.shape.rank == 2 || $0.tensor.shape[0] == 1 } ?? false
    let headsPerUnit = isBiasShared ? problem.headCount : groupSize
    let unitsPerSequence = problem.headCount / headsPerUnit
    // One number a head and sequence, summed in a fixed order afterwards.
    let sinkGradients = Mutex(
      [Double](repeating: 0, count: problem.sequences.count * problem.headCount))

    try withPointers(to: &gradients) { pointers in
      nonisolated(unsafe) let pointers = pointers
      try Workers.forEach(
        count: problem.sequences.count * unitsPerSequence, threads: compute.threadCount
      ) { unit in
        let index = unit / unitsPerSequence
        let firstHead = unit % unitsPerSequence * headsPerUnit
        for first in stride(from: firstHead, to: firstHead + headsPerUnit, by: groupSize) {
          let sinks = try group(
            sequence: problem.sequences[index], heads: first..<first + groupSize, pointers)
          sinkGradients.withLock { all in
            for (offset, sink) in sinks.enumerated() {
              all[index * problem.headCount + first + offset] = sink
            }
          }
        }
      }
    }

    if problem.sinks != nil {
      let parts = sinkGradients.withLock { $0 }
      gradients.sinks = try Tensor(
        shape: [problem.headCount],
        scalars: (0..<problem.headCount).map { head in
          Float(
            problem.sequences.indices.reduce(0) { $0 + parts[$1 * problem.headCount + head] })
        })
    }
    return gradients
  }

  /// The query heads of one key-value head; returns the gradients of their sinks.
  private func group(
    sequence: SequenceMask, heads: Range<Int>, _ pointers: Pointers
  ) throws -> [Double] {
    let plan = GradientStrip.Plan(problem, sequence)
    return try Scratch.withFloats(count: plan.scratchCount) { scratch in
      let strips = heads.map { head in
        GradientStrip(
          scores: ScorePass(
            problem: problem, kernels: compute.backend.kernels, sequence: sequence, head: head,
            queries: pointers.queries, keys: pointers.keys),
          bias: bias, pointers: pointers, plan: plan, scratch: scratch)
      }
      let sinks = try strips.map { try $0.run(selecting: false) }
      // The gradient of a hidden score is exactly 0, but 0 · NaN and 0 · ∞ are NaN. Such numbers are
      // rare: a second run leaves hidden scores out one by one.
      if sequence.hidesAnything, !strips.allSatisfy(\.isFinite) {
        strips.forEach { $0.clear() }
        for strip in strips { _ = try strip.run(selecting: true) }
      }
      return sinks
    }
  }

  private func withPointers(
    to gradients: inout AttentionGradients, _ body: (Pointers) throws -> Void
  ) throws {
    try problem.queries.withUnsafeBase { queries in
      try problem.keys.withUnsafeBase { keys in
        try problem.values.withUnsafeBase { values in
          try outputGradient.withUnsafeBase { outputGradient in
            try given.withPointers { given in
              try gradients.withMutableBases { queryGradient, keyGradient, valueGradient, bias in
                try body(
                  Pointers(
                    queries: queries, keys: keys, values: values,
                    outputGradient: outputGradient, given: given,
                    queryGradient: queryGradient, keyGradient: keyGradient,
                    valueGradient: valueGradient, biasGradient: bias))
              }
            }
          }
        }
      }
    }
  }
}

extension GivenResult? {
  /// Calls `body` with the addresses of O, m and l; with nil for no result.
  fileprivate func withPointers(
    _ body: (TiledGradients.Pointers.Given?) throws -> Void
  ) throws {
    guard let self else { return try body(nil) }
    try self.output.withUnsafeBase { output in
      try self.statistics.maximum.withUnsafeBase { maximum in
        try self.statistics.sum.withUnsafeBase { sum in
          try body(
            .init(output: output, maximum: maximum, sum: sum, isLogSumExp: self.isLogSumExp))
        }
      }
    }
  }
}

extension AttentionGradients {
  /// Calls `body` with the addresses of the gradients of queries, keys, values and bias.
  fileprivate mutating func withMutableBases(
    _ body: (
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>?
    ) throws -> Void
  ) throws {
    try queries.withUnsafeMutableScalars { queries in
      try keys.withUnsafeMutableScalars { keys in
        try values.withUnsafeMutableScalars { values in
          guard let queries = queries.baseAddress, let keys = keys.baseAddress,
            let values = values.baseAddress
          else { return }
          try bias.withMutableBase { try body(queries, keys, values, $0) }
        }
      }
    }
  }
}
