import Synchronization

/// The gradients computed tile by tile, on several threads.
///
/// Keys and values collect from every query head that reads them, so a thread takes all heads of one
/// key-value head of one sequence; where heads share a bias, all heads of a sequence.
struct TiledGradients {
  private let problem: AttentionProblem
  private let compute: Compute
  private let outputGradient: Tensor
  private let output: Tensor
  private let logSumExp: Tensor

  init(
    _ problem: AttentionProblem, compute: Compute, outputGradient: Tensor, output: Tensor,
    logSumExp: Tensor
  ) {
    self.problem = problem
    self.compute = compute
    self.outputGradient = outputGradient
    self.output = output
    self.logSumExp = logSumExp
  }

  /// Where the arguments and the results lie.
  struct Pointers {
    let queries: UnsafePointer<Float>
    let keys: UnsafePointer<Float>
    let values: UnsafePointer<Float>
    let output: UnsafePointer<Float>
    let outputGradient: UnsafePointer<Float>
    let logSumExp: UnsafePointer<Float>
    let queryGradient: UnsafeMutablePointer<Float>
    let keyGradient: UnsafeMutablePointer<Float>
    let valueGradient: UnsafeMutablePointer<Float>
    let biasGradient: UnsafeMutablePointer<Float>?
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

  /// The query heads of one key-value head; returns their sinks' gradients.
  private func group(
    sequence: SequenceMask, heads: Range<Int>, _ pointers: Pointers
  ) throws -> [Double] {
    try Scratch.withFloats(count: GradientTile.scratchCount) { scratch in
      let tiles = heads.map { head in
        GradientTile(
          scores: ScorePass(
            problem: problem, kernels: compute.backend.kernels, sequence: sequence, head: head,
            queries: pointers.queries, keys: pointers.keys),
          bias: bias, pointers: pointers, scratch: scratch)
      }
      let sinks = try tiles.map { try $0.run(selecting: false) }
      // A hidden score's gradient is exactly 0, which NaN and ∞ in what it is multiplied by survive:
      // rare enough to look for afterwards.
      if sequence.hidesAnything, !tiles.allSatisfy(\.isFinite) {
        tiles.forEach { $0.clear() }
        for tile in tiles { _ = try tile.run(selecting: true) }
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
          try output.withUnsafeBase { output in
            try outputGradient.withUnsafeBase { outputGradient in
              try logSumExp.withUnsafeBase { logSumExp in
                try gradients.withMutableBases { queryGradient, keyGradient, valueGradient, bias in
                  try body(
                    Pointers(
                      queries: queries, keys: keys, values: values, output: output,
                      outputGradient: outputGradient, logSumExp: logSumExp,
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
}

extension AttentionGradients {
  /// Calls `body` with the addresses of the queries', keys', values' and bias's gradients.
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
