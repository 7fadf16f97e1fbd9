import Attention

/// Runs the attention operator on inputs from N(0, 1).
package struct OperatorCase {
  package let shape: OperatorShape

  package init(
    shape: OperatorShape
  ) {
    self.shape = shape
  }

  /// The error bound for inputs from N(0, 1), which a careful float32 computation does not exceed.
  private static let bound = 5e-6

  package var benchCase: BenchCase {
    BenchCase(
      name: shape.name, length: shape.isDecoding ? shape.keys : shape.queries, series: series
    ) {
      var generator = BenchGenerator(seed: 1)
      let q = try generator.normalTensor([shape.queries, shape.heads, shape.headDimension])
      let k = try generator.normalTensor([shape.keys, shape.heads, shape.headDimension])
      let v = try generator.normalTensor([shape.keys, shape.heads, shape.headDimension])
      let mask: AttentionMask = shape.isCausal ? .causal : .none
      func run() throws -> Tensor {
        try attention(queries: q, keys: k, values: v, mask: mask)
      }
      return BenchCase.Prepared(
        work: BenchWork(
          operations: shape.operations, bytesRead: shape.isDecoding ? shape.keyValueBytes : nil,
          tokens: shape.queries),
        run: { _ = try run() },
        check: { try check(run(), q, k, v) },
        arrays: {
          try [("queries", q), ("keys", k), ("values", v), ("output", run())].map {
            ($0, try NPYArray(shape: $1.shape, elements: .float32($1.scalars)))
          }
        })
    }
  }

  private var series: BenchSeries {
    var parts: [BenchSeries.Part] = [
      .init(text: counted(shape.heads, "head")),
      .init(text: "d = \(shape.headDimension)", isAlwaysInLegend: true),
    ]
    if shape.isDecoding {
      parts.append(.init(text: "1 query"))
    } else if shape.keys != shape.queries {
      parts.append(.init(text: counted(shape.keys, "key")))
    }
    if shape.isCausal { parts.append(.init(text: "causal")) }
    return BenchSeries(parts)
  }

  /// Compares the first, middle and last queries of the first and last heads with the reference backend;
  /// all queries would take minutes.
  private func check(_ output: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor) throws -> BenchCheck {
    var (distance, D) = (0.0, shape.headDimension)
    for head in Set([0, shape.heads - 1]) {
      let (keys, values) = (try Tensor(k.head(head)), try Tensor(v.head(head)))
      let (queries, found) = (try q.head(head), try Tensor(output.head(head)))
      for query in Set([0, shape.queries / 2, shape.queries - 1]) {
        let count = shape.visibleKeys(of: query)
        let row = (0..<D).map { queries[query, $0] }
        let expected = try attention(
          queries: Tensor(shape: [1, 1, D], scalars: row),
          keys: keys.rows(0..<count).reshaped(to: [count, 1, D]),
          values: values.rows(0..<count).reshaped(to: [count, 1, D]), on: .reference
        ).reshaped(to: [1, D])
        let check = BenchCheck(
          try found.rows(query..<query + 1), expected: expected, relativeBound: 0)
        distance = max(distance, check.error)
      }
    }
    return BenchCheck(error: distance, bound: Self.bound)
  }
}
