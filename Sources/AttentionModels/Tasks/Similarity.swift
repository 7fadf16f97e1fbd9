import Attention

/// A measure of how alike two embeddings a and b are; larger is more alike.
///
/// - Source: `similarity_fn_name` of sentence-transformers.
public enum Similarity: String, Sendable, Hashable, CaseIterable {
  /// a·b / (|a| |b|), from −1 to 1; 0 if one vector is zero.
  case cosine
  /// a·b.
  case dotProduct = "dot"
  /// −|a − b|.
  case euclidean
  /// −Σ |aᵢ − bᵢ|.
  case manhattan

  /// The similarity of each row of `a` to each row of `b`.
  ///
  /// - Parameters:
  ///   - a: embeddings, `[text, feature]`.
  ///   - b: embeddings, `[text, feature]`.
  /// - Returns: `[row of a, row of b]`.
  /// - Throws: `AttentionError.shape` unless both are matrices with the same number of features;
  ///   `AttentionError.memory`.
  /// - Complexity: O(rows of a · rows of b · features).
  public func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    guard a.shape.rank == 2 else {
      throw AttentionError.shape(argument: "a", expected: "[text, feature]", got: a.shape)
    }
    guard b.shape.rank == 2, b.shape[1] == a.shape[1] else {
      throw AttentionError.shape(argument: "b", expected: "[text, \(a.shape[1])]", got: b.shape)
    }
    switch self {
    case .dotProduct:
      return try matrixProduct(a.matrix(), b.matrix().transposed)
    case .cosine:
      let cosines = try matrixProduct(a.matrix(), b.matrix().transposed)
      return try Self.divide(cosines, byLengthsOf: a, b)
    case .euclidean:
      return try Self.distances(a, b) {
        $0 + Double($1 * $1)
      } finish: {
        -$0.squareRoot()
      }
    case .manhattan:
      return try Self.distances(a, b) {
        $0 + Double(abs($1))
      } finish: {
        -$0
      }
    }
  }

  private static func divide(_ products: Tensor, byLengthsOf a: Tensor, _ b: Tensor) throws
    -> Tensor
  {
    func inverseLengths(_ rows: Tensor) -> [Float] {
      (0..<rows.shape[0]).map { row in rows.withRow(row) { Float(1 / $0.boundedLength) } }
    }
    let (left, right) = (inverseLengths(a), inverseLengths(b))
    var cosines = products
    try cosines.withUnsafeMutableScalars { scalars in
      for row in left.indices {
        for column in right.indices {
          scalars[row * right.count + column] *= left[row] * right[column]
        }
      }
    }
    return cosines
  }

  private static func distances(
    _ a: Tensor, _ b: Tensor, add: (Double, Float) -> Double, finish: (Double) -> Double
  ) throws -> Tensor {
    try Tensor(shape: [a.shape[0], b.shape[0]]) { result in
      for row in 0..<a.shape[0] {
        a.withRow(row) { a in
          for column in 0..<b.shape[0] {
            let sum = b.withRow(column) { b in
              a.indices.reduce(0.0) { add($0, a[$1] - b[$1]) }
            }
            result.initializeElement(
              at: row * b.shape[0] + column, to: Float(finish(sum)))
          }
        }
      }
    }
  }
}

extension Tensor {
  /// Calls `body` with the scalars of a row of this matrix.
  fileprivate func withRow<Result>(
    _ row: Int, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    let width = shape[1]
    return withUnsafeScalars {
      body(UnsafeBufferPointer(rebasing: $0[(row * width)..<((row + 1) * width)]))
    }
  }
}
