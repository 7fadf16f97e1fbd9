/// The product of two matrices: C = scale · A · B.
///
/// With ``MatrixView/transposed`` views, this function computes every product in attention: a
/// projection is `matrixProduct(x, weight.transposed)` with a weight
/// `[output feature, input feature]`, and the scores are `matrixProduct(q, k.transposed)`.
///
/// - Parameters:
///   - left: A, `[m, k]`.
///   - right: B, `[k, n]`.
///   - scale: the factor of the product. With 0, A and B are not read, so NaN in them has no
///     effect.
///   - backend: the compute backend; nil means the backend of the current scope.
/// - Returns: C, `[m, n]`; zeros if k is 0.
/// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the inner extents differ;
///   ``AttentionError/overflow(_:)`` for an extent beyond 32 bits;
///   ``AttentionError/memory(byteCount:purpose:)``.
/// - Complexity: O(m · n · k).
public func matrixProduct(
  _ left: MatrixView, _ right: MatrixView, scale: Float = 1, on backend: Backend? = nil
) throws -> Tensor {
  guard left.columnCount == right.rowCount else {
    throw AttentionError.shape(
      argument: "right factor",
      expected: "\(left.columnCount) rows to match the columns of the left factor \(left.shape)",
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
/// If a score is finite, no intermediate result overflows, however large QKᵀ is before scaling.
///
/// - Parameters:
///   - queries: one head's queries, `[query token, dk]`.
///   - keys: the head's keys, `[key token, dk]`.
///   - scale: a finite number; nil means 1/√dk, so that independent queries and keys of variance 1
///     give scores of variance 1. A scale of 0 gives zeros, or NaN if a query or a key is not
///     finite.
///   - backend: the compute backend; nil means the backend of the current scope.
/// - Returns: `[query token, key token]`.
/// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the head dimensions differ;
///   ``AttentionError/argument(_:reason:)`` if the scale is not finite;
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

/// The softmax of each row of scores: nonnegative weights that sum to 1:
/// e^(xᵢ − max x) / Σⱼ e^(xⱼ − max x).
///
/// Subtracting the maximum does not change the result and prevents overflow of e^x. A score of −∞
/// gives a weight of exactly 0. A row of only −∞ gives zeros. NaN or +∞ gives NaN in its whole row.
///
/// - Parameters:
///   - scores: `[…, column]`; rows are along the last axis.
///   - backend: the compute backend; nil means the backend of the current scope.
/// - Returns: the weights, in the shape of `scores`.
/// - Throws: ``AttentionError/memory(byteCount:purpose:)``.
/// - Source: Bridle 1990; in attention, Vaswani et al. 2017, equation 1.
public func softmax(_ scores: Tensor, on backend: Backend? = nil) throws -> Tensor {
  let compute = try Compute.adjusted(backend: backend, threads: nil)
  var weights = scores
  try weights.forEachRow(width: scores.shape.dimensions.last ?? 1) { row in
    compute.backend.kernels.softmax(row)
  }
  return weights
}

/// The attention output of one head: weights · V.
///
/// - Parameters:
///   - values: one head's values, `[key token, dv]`.
///   - weights: `[query token, key token]`.
///   - backend: the compute backend; nil means the backend of the current scope.
/// - Returns: `[query token, dv]`.
/// - Throws: ``AttentionError/shape(argument:expected:got:)`` unless the weights are a matrix with
///   one column per row of values; ``AttentionError/memory(byteCount:purpose:)``.
/// - Complexity: O(queries · keys · dv).
/// - Source: Vaswani et al. 2017, equation 1.
public func weightedSum(
  of values: MatrixView, weights: Tensor, on backend: Backend? = nil
) throws -> Tensor {
  let weights = try weights.matrix()
  guard weights.columnCount == values.rowCount else {
    throw AttentionError.shape(
      argument: "weights", expected: "\(values.rowCount) columns, one per row of values",
      got: weights.shape)
  }
  return try matrixProduct(weights, values, on: backend)
}
