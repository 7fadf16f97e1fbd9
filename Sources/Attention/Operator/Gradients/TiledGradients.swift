import Synchronization

/// The gradients, computed strip by strip on several threads.
///
/// The gradients of keys and values are sums over all query heads that read them. Therefore a unit of
/// work is all query heads of one key-value head of one sequence or, if heads share parameters, all
/// heads of a sequence.
struct TiledGradients {
  private let problem: AttentionProblem
  private let kernels: any Kernels
  private let threads: Int
  private let outputGradient: Tensor
  /// The result to start from; nil if the problem contains all keys.
  private let given: GivenResult?

  init(
    _ problem: AttentionProblem, kernels: any Kernels, threads: Int, outputGradient: Tensor,
    given: GivenResult?
  ) {
    self.problem = problem
    self.kernels = kernels
    self.threads = threads
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

    /// O, m and l of the given result.
    struct Given {
      let output: UnsafePointer<Float>
      let maximum: UnsafePointer<Float>
      let sum: UnsafePointer<Float>
      let isLogSumExp: Bool
    }
  }

  func run() throws -> AttentionGradients {
    var gradients = AttentionGradients(
      queries: try Tensor(shape: problem.queries.shape, repeating: 0),
      keys: try Tensor(shape: problem.keys.shape, repeating: 0),
      values: try Tensor(shape: problem.values.shape, repeating: 0))

    let groupSize = problem.headCount / problem.keyValueHeadCount
    let sharesHeads = problem.modifiers.contains {
      $0.parameters != nil && $0.parameterSharing == .heads
    }
    let headsPerUnit = sharesHeads ? problem.headCount : groupSize
    let unitsPerSequence = problem.headCount / headsPerUnit
    let unitCount = problem.sequences.count * unitsPerSequence
    // Each of these parameters is written by only one unit.
    let exclusive = ParameterLayout(problem.modifiers) { $0 != .any }
    var exclusiveGradient = try Tensor(shape: [exclusive.count], repeating: 0)
    // Each unit sums the gradient of these parameters in separate memory. The sum over the units has
    // a fixed order. So does the sum of the sinks' gradients, which are one number for each head and
    // sequence.
    let shared = ParameterLayout(problem.modifiers) { $0 == .any }
    let (sharedCount, overflow) = (unitCount + 1).multipliedReportingOverflow(by: shared.count)
    try requireMemory(
      count: overflow ? .max : sharedCount, of: Float.self, purpose: "the gradients of parameters")
    let sums = Mutex(
      (
        shared: [[Float]](repeating: [], count: unitCount),
        sinks: [Double](repeating: 0, count: problem.sequences.count * problem.headCount)
      ))

    try withPointers(to: &gradients) { pointers in
      try exclusiveGradient.withUnsafeMutableScalars { exclusiveGradient in
        nonisolated(unsafe) let (pointers, exclusiveGradient) = (pointers, exclusiveGradient)
        try Workers.forEach(count: unitCount, threads: threads) { unit in
          let index = unit / unitsPerSequence
          let firstHead = unit % unitsPerSequence * headsPerUnit
          var sharedGradient = [Float](repeating: 0, count: shared.count)
          try sharedGradient.withUnsafeMutableBufferPointer { sharedGradient in
            let parameters = zip(
              exclusive.parts(of: exclusiveGradient), shared.parts(of: sharedGradient)
            ).map { $0 ?? $1 }
            for first in stride(from: firstHead, to: firstHead + headsPerUnit, by: groupSize) {
              let sinks = try group(
                sequence: problem.sequences[index], heads: first..<first + groupSize, pointers,
                parameters)
              sums.withLock {
                for (offset, sink) in sinks.enumerated() {
                  $0.sinks[index * problem.headCount + first + offset] = sink
                }
              }
            }
          }
          sums.withLock { [sharedGradient] in $0.shared[unit] = sharedGradient }
        }
      }
    }

    let unitSums = sums.withLock { $0 }
    var sharedGradient = [Float](repeating: 0, count: shared.count)
    for unit in unitSums.shared {
      for index in sharedGradient.indices { sharedGradient[index] += unit[index] }
    }
    let sharedTensor = try Tensor(shape: [shared.count], scalars: sharedGradient)
    let parameters = try zip(
      exclusive.tensors(of: exclusiveGradient), shared.tensors(of: sharedTensor)
    ).map { $0 ?? $1 }
    gradients.bias = problem.biasIndex.flatMap { parameters[$0] }
    gradients.modifiers = Array(parameters[problem.callerModifiers])
    if problem.sinks != nil {
      let parts = unitSums.sinks
      gradients.sinks = try Tensor(
        shape: [problem.headCount],
        scalars: (0..<problem.headCount).map { head in
          Float(
            problem.sequences.indices.reduce(0) { $0 + parts[$1 * problem.headCount + head] })
        })
    }
    return gradients
  }

  /// Computes the gradients for the query heads of one key-value head; returns the gradients of their
  /// sinks.
  private func group(
    sequence: SequenceMask, heads: Range<Int>, _ pointers: Pointers,
    _ parameters: [UnsafeMutableBufferPointer<Float>?]
  ) throws -> [Double] {
    let plan = GradientStrip.Plan(problem, sequence)
    return try Scratch.withFloats(count: plan.scratchCount) { scratch in
      let strips = heads.map { head in
        GradientStrip(
          scores: ScorePass(
            problem: problem, kernels: kernels, sequence: sequence, head: head,
            queries: pointers.queries, keys: pointers.keys),
          pointers: pointers, parameters: parameters, plan: plan, scratch: scratch)
      }
      let sinks = try strips.map { try $0.run(selecting: false) }
      // The gradient of a hidden score is exactly 0, but 0 · NaN and 0 · ∞ are NaN. This is rare, so
      // only a second run skips the hidden scores one by one.
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
              try gradients.withMutableBases { queryGradient, keyGradient, valueGradient in
                try body(
                  Pointers(
                    queries: queries, keys: keys, values: values,
                    outputGradient: outputGradient, given: given,
                    queryGradient: queryGradient, keyGradient: keyGradient,
                    valueGradient: valueGradient))
              }
            }
          }
        }
      }
    }
  }
}

extension GivenResult? {
  /// Calls `body` with the addresses of O, m and l, or with nil if there is no result.
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
  /// Calls `body` with the addresses of the gradients of queries, keys and values.
  fileprivate mutating func withMutableBases(
    _ body: (
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) throws -> Void
  ) throws {
    try queries.withUnsafeMutableScalars { queries in
      try keys.withUnsafeMutableScalars { keys in
        try values.withUnsafeMutableScalars { values in
          guard let queries = queries.baseAddress, let keys = keys.baseAddress,
            let values = values.baseAddress
          else { return }
          try body(queries, keys, values)
        }
      }
    }
  }
}

extension Kernels {
  package func attentionGradients(
    _ problem: AttentionProblem, of outputGradient: Tensor, given: GivenResult?, threads: Int
  ) throws -> AttentionGradients {
    try TiledGradients(
      problem, kernels: self, threads: threads, outputGradient: outputGradient, given: given
    ).run()
  }
}
