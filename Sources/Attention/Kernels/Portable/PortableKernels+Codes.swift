/// The readable twins of the search kernels.
extension Kernels {
  package func dotCodes(_ product: CodeProduct) {
    forEachPair(of: product) { code, query in
      zip(code, query).reduce(0) {
        $0 + Int32(Int8(bitPattern: $1.0)) * Int32(Int8(bitPattern: $1.1))
      }
    }
  }

  package func countDifferentBits(_ product: CodeProduct) {
    forEachPair(of: product) { code, query in
      zip(code, query).reduce(0) { $0 + Int32(($1.0 ^ $1.1).nonzeroBitCount) }
    }
  }

  private func forEachPair(
    of product: CodeProduct, _ value: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Int32
  ) {
    for query in 0..<product.queries {
      for row in 0..<product.rows {
        product.result[query * product.result_stride + row] =
          value(product.code(row), product.query(query))
      }
    }
  }
}
