extension Tensor {
  /// The mean of attention weights over the heads: `[head, query, key]` to `[query, key]`.
  package func meanOverHeads() throws -> Tensor {
    let (H, Q, K) = (shape[0], shape[1], shape[2])
    var sums = try Tensor(shape: [Q, K], repeating: 0)
    try withSpan { weights in
      try sums.withMutableSpan { sums in
        for index in weights.indices { sums[index % (Q * K)] += weights[index] }
        for index in sums.indices { sums[index] /= Float(H) }
      }
    }
    return sums
  }
}
