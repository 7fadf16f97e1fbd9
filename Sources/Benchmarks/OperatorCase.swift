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
      let inputs = try OperatorInputs(shape)
      return BenchCase.Prepared(
        work: BenchWork(
          operations: shape.operations, bytesRead: shape.isDecoding ? shape.keyValueBytes : nil,
          tokens: shape.queries),
        run: { _ = try inputs.output() },
        check: { try check(inputs.output(), inputs) },
        arrays: { try inputs.arrays() })
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
    return BenchSeries(parts + shape.sortedOptions.map { .init(text: $0.rawValue) })
  }

  /// Compares the first, middle and last queries of the first and last heads with the reference backend;
  /// all queries would take minutes.
  private func check(_ output: Tensor, _ inputs: OperatorInputs) throws -> BenchCheck {
    var distance = 0.0
    for head in Set([0, shape.heads - 1]) {
      let found = try Tensor(output.head(head))
      for query in Set([0, shape.queries / 2, shape.queries - 1]) {
        let check = BenchCheck(
          try found.rows(query..<query + 1),
          expected: try inputs.reference(head: head, query: query), relativeBound: 0)
        distance = max(distance, check.error)
      }
    }
    return BenchCheck(error: distance, bound: Self.bound)
  }
}
