extension MixtureOfExperts {
  /// Adds g · expert(x) to the output, for the rows of a group of experts.
  ///
  /// 1. Gather the tokens' rows of x.
  /// 2. Multiply by the up and gate projections: one product per expert.
  /// 3. Multiply by the down projections.
  /// 4. Scale each row by its weight and add it to the row of its token. The threads share the columns, so
  ///    the order of the additions does not depend on their number.
  ///
  /// - Parameters:
  ///   - group: consecutive rows of `routes`.
  ///   - input: x, `[token, hidden size]`.
  ///   - output: `[token, hidden size]`.
  func add(
    _ group: [ExpertRoutes.Part], _ routes: ExpertRoutes, of input: Tensor, to output: inout Tensor
  ) throws {
    guard let first = group.first?.rows.lowerBound, let end = group.last?.rows.upperBound else {
      return
    }
    let (H, I, count) = (hiddenSize, experts[0].upProjection.outputSize, end - first)
    let isGated = experts[0].gateProjection != nil
    let (tokens, weights) = (routes.tokens, routes.weights)
    let block = RowBlock.all(of: count)
    let threads = Compute.current.threadCount
    // [row, H], [row, I] and, with gates, [row, I]
    try Scratch.withFloats(count: count * (H + (isGated ? 2 : 1) * I)) { memory in
      nonisolated(unsafe) let (x, inner) = (memory, memory + count * H)
      nonisolated(unsafe) let gated = inner + count * I

      try input.withUnsafeBase { input in
        nonisolated(unsafe) let input = input
        try Workers.forEachRange(
          of: count, least: Tuning.leastScalarsOfThread / H + 1, threads: threads
        ) { rows in
          for row in rows {
            (x + row * H).update(from: input + tokens[first + row] * H, count: H)
          }
        }
      }

      var products: [PanelProduct] = []
      for part in group {
        let (expert, row) = (experts[part.expert], part.rows.lowerBound - first)
        let rows = part.rows.count
        if let gate = expert.gateProjection {
          products += [
            expert.upProjection.product(rowCount: rows, of: x + row * H, into: inner + row * I),
            gate.product(
              rowCount: rows, of: x + row * H, into: gated + row * I,
              activation: expert.activation),
          ]
        } else {
          products.append(
            expert.upProjection.product(
              rowCount: rows, of: x + row * H, into: inner + row * I,
              activation: expert.activation))
        }
      }
      try block.multiply(products)
      if isGated {
        try Workers.forEachRange(
          of: count, least: Tuning.leastScalarsOfThread / I + 1, threads: threads
        ) { rows in
          block.kernels.multiply(
            UnsafeMutableBufferPointer(start: inner + rows.lowerBound * I, count: rows.count * I),
            by: gated + rows.lowerBound * I)
        }
      }

      try block.multiply(
        group.map { part in
          let row = part.rows.lowerBound - first
          return experts[part.expert].downProjection.product(
            rowCount: part.rows.count, of: inner + row * I, into: x + row * H)
        })

      try output.withUnsafeMutableBase { output in
        nonisolated(unsafe) let output = output
        try Workers.forEachRange(
          of: H, least: Tuning.leastScalarsOfThread / count + 64, most: H, threads: threads
        ) { columns in
          for row in 0..<count {
            let y = x + row * H + columns.lowerBound
            block.kernels.scale(
              UnsafeMutableBufferPointer(start: y, count: columns.count), by: weights[first + row])
            block.kernels.add(
              UnsafeMutableBufferPointer(
                start: output + tokens[first + row] * H + columns.lowerBound, count: columns.count),
              y)
          }
        }
      }
    }
  }
}
