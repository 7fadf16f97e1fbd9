/// The readable twins of the search kernels.
extension Kernels {
  package func dotHalfBytes(_ product: CodeProduct) {
    forEachPair(of: product, queryByteCount: 2 * product.length) { code, query in
      code.indices.reduce(0) { sum, i in
        sum + Int32(code[i] % 16) * Int32(Int8(bitPattern: query[i]))
          + Int32(code[i] / 16) * Int32(Int8(bitPattern: query[product.length + i]))
      }
    }
  }

  package func countDifferentBits(_ product: CodeProduct) {
    forEachPair(of: product, queryByteCount: product.length) { code, query in
      zip(code, query).reduce(0) { $0 + Int32(($1.0 ^ $1.1).nonzeroBitCount) }
    }
  }

  private func forEachPair(
    of product: CodeProduct, queryByteCount: Int,
    _ value: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Int32
  ) {
    for query in 0..<product.queries {
      for row in 0..<product.rows {
        product.result[query * product.result_stride + row] =
          value(product.code(row), product.query(query, count: queryByteCount))
      }
    }
  }
}
