/// The product of two matrices: C = scale · A · B.
///
/// With ``MatrixView/transposed`` views this is every product that attention consists of: a
/// projection is `matrixProduct(x, weight.transposed)`, its weight being `[output feature, input
/// feature]`, and the scores are `matrixProduct(q, k.transposed)`.
///
/// - Parameters:
///   - left: A, `[m, k]`.
///   - right: B, `[k, n]`.
///   - scale: a factor on the product. At 0, A and B are not looked at: NaN in them is lost.
///   - backend: who computes; nil means the scope's.
/// - Returns: C, `[m, n]`; zeros where k is 0.
/// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the inner extents differ;
///   ``AttentionError/overflow(_:)`` for an extent beyond 32 bits;
///   ``AttentionError/memory(byteCount:purpose:)``.
/// - Complexity: O(m · n · k).
public func matrixProduct(
  _ left: MatrixView, _ right: MatrixView, scale: Float = 1, on backend: Backend? = nil
) throws -> Tensor {
  guard left.columnCount == right.rowCount else {
    throw AttentionError.shape(
      argument: "right factor", expected: "\(left.columnCount) rows, the columns of \(left.shape)",
      got: right.shape)
  }
  return try withCompute(backend: backend) {
    try Tensor(shape: [left.rowCount, right.columnCount]) { buffer in
      guard let base = buffer.baseAddress else { return }
      try left.withUnsafeBase { a in
        try right.withUnsafeBase { b in
          try MatrixProduct(
            m: left.rowCount, n: right.columnCount, k: left.columnCount, alpha: scale,
            a: .init(a, leadingDimension: left.leadingDimension, isTransposed: left.isTransposed),
            b: .init(b, leadingDimension: right.leadingDimension, isTransposed: right.isTransposed),
            c: base, cLeadingDimension: right.columnCount
          ).compute()
        }
      }
    }
  }
}

/// Computes the attention scores of one head: scale · QKᵀ.
///
/// A finite score does not overflow on the way, however large QKᵀ is before the scale.
///
/// - Parameters:
///   - queries: one head's queries, `[query token, dk]`.
///   - keys: the head's keys, `[key token, dk]`.
///   - scale: a finite number; nil means 1/√dk, with which independent numbers of variance 1 give
///     scores of variance 1. A scale of 0 gives zeros, and NaN where a query or a key is not finite.
///   - backend: who computes; nil means the scope's.
/// - Returns: `[query token, key token]`.
/// - Throws: ``AttentionError/shape(argument:expected:got:)`` when the head dimensions differ;
///   ``AttentionError/argument(_:reason:)`` for a scale that is not finite;
///   ``AttentionError/memory(byteCount:purpose:)``.
/// - Complexity: O(queries · keys · dk).
/// - Source: Vaswani et al. 2017, section 3.2.1.
public func attentionScores(
  queries: MatrixView, keys: MatrixView, scale: Float? = nil, on backend: Backend? = nil
) throws -> Tensor {
  guard keys.columnCount == queries.columnCount else {
    throw AttentionError.shape(
      argument: "keys", expected: "the head dimension \(queries.columnCount) of queries",
      got: keys.shape)
  }
  let scale = scale ?? 1 / Float(max(queries.columnCount, 1)).squareRoot()
  try requireFinite(scale: scale)
  let factors = ScoreScale(scale)
  var scaled = try Tensor(queries)
  if factors.onQueries != 1 { try scaled.scale(by: factors.onQueries) }
  return try matrixProduct(
    scaled.matrix(), keys.transposed, scale: factors.onProduct, on: backend)
}

/// Turns each row of scores into weights, none negative, that sum to 1:
/// e^(xᵢ − max x) / Σⱼ e^(xⱼ − max x).
///
/// Subtracting the maximum changes nothing but keeps e^x from overflowing. A score of −∞ gets a
/// weight of exactly 0, a row of nothing else zeros; NaN or +∞ makes its whole row NaN.
///
/// - Parameters:
///   - scores: `[…, column]`, rows along the last axis.
///   - backend: who computes; nil means the scope's.
/// - Returns: the weights, in the shape of `scores`.
/// - Throws: ``AttentionError/memory(byteCount:purpose:)``.
/// - Source: Bridle 1990; in attention, Vaswani et al. 2017, equation 1.
public func softmax(_ scores: Tensor, on backend: Backend? = nil) throws -> Tensor {
  let compute = try Compute.adjusted(backend: backend, threads: nil)
  var weights = scores
  try weights.forEachRow(width: scores.shape.dimensions.last ?? 1) { row in
    compute.backend.kernels.loops.softmax(row)
  }
  return weights
}

/// Mixes the rows of `values` by `weights`: weights · V.
///
/// - Parameters:
///   - values: one head's values, `[key token, dv]`.
///   - weights: `[query token, key token]`.
///   - backend: who computes; nil means the scope's.
/// - Returns: `[query token, dv]`.
/// - Throws: ``AttentionError/shape(argument:expected:got:)`` unless the weights are a matrix with a
///   column for each row of values; ``AttentionError/memory(byteCount:purpose:)``.
/// - Complexity: O(queries · keys · dv).
/// - Source: Vaswani et al. 2017, equation 1.
public func weightedSum(
  of values: MatrixView, weights: Tensor, on backend: Backend? = nil
) throws -> Tensor {
  let weights = try weights.matrix()
  guard weights.columnCount == values.rowCount else {
    throw AttentionError.shape(
      argument: "weights", expected: "\(values.rowCount) columns, one a row of values",
      got: weights.shape)
  }
  return try matrixProduct(weights, values, on: backend)
}
