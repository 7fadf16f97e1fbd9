/// An embedding table: yᵢ = weight[indexᵢ]. Maps tokens, positions and segments to vectors.
///
/// - Source: Vaswani et al. 2017, section 3.4.
public struct Embedding: Sendable {
  /// `[index, feature]`.
  public let weight: Tensor

  /// The number of rows.
  public var count: Int { weight.shape[0] }
  /// The number of features.
  public var hiddenSize: Int { weight.shape[1] }

  /// An embedding table with the given rows.
  ///
  /// - Parameter weight: `[index, feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` if the rank is not 2.
  public init(weight: Tensor) throws {
    guard weight.shape.rank == 2 else {
      throw AttentionError.shape(
        argument: "weight", expected: "[index, feature]", got: weight.shape)
    }
    self.weight = weight
  }

  /// The rows at `indices`.
  ///
  /// - Parameter indices: any number of indices from 0 to ``count`` − 1, in any order.
  /// - Returns: y, `[index, feature]`.
  /// - Throws: ``AttentionError/argument(_:reason:)`` with the first index that is out of range;
  ///   ``AttentionError/memory(byteCount:purpose:)``.
  public func callAsFunction(_ indices: [Int]) throws -> Tensor {
    try embeddingSum([(self, indices)])
  }

  /// Checks that all indices are in range.
  fileprivate func check(_ indices: [Int]) throws {
    if let outside = indices.first(where: { $0 < 0 || $0 >= count }) {
      throw AttentionError.argument(
        "indices", reason: "\(outside) is out of range for an embedding of \(count) rows")
    }
  }
}

/// The sum of rows of several tables, yᵢ = Σ weight[indexᵢ], optionally normalized: for example,
/// token, position and segment embeddings.
///
/// - Parameters:
///   - parts: tables with the same number of features, each with the same number of indices.
///   - norm: applied to each row; nil for none.
/// - Returns: y, `[index, feature]`.
/// - Throws: ``AttentionError/argument(_:reason:)`` with the first index that is out of range, or
///   naming "parts" if there are none, or the numbers of features or indices differ;
///   ``AttentionError/memory(byteCount:purpose:)``.
public func embeddingSum(
  _ parts: [(table: Embedding, indices: [Int])], norm: LayerNorm? = nil
) throws -> Tensor {
  guard let first = parts.first else {
    throw AttentionError.argument("parts", reason: "expected at least 1, got none")
  }
  let (hiddenSize, rowCount) = (first.table.hiddenSize, first.indices.count)
  for (table, indices) in parts {
    guard table.hiddenSize == hiddenSize, indices.count == rowCount,
      norm?.featureCount ?? hiddenSize == hiddenSize
    else {
      throw AttentionError.argument(
        "parts",
        reason: "expected \(rowCount) indices and \(hiddenSize) features as in the first part, "
          + "got \(indices.count) indices and \(table.hiddenSize) features")
    }
    try table.check(indices)
  }
  return try Tensor(shape: [rowCount, hiddenSize]) { output in
    guard let output = output.baseAddress else { return }
    nonisolated(unsafe) let y = output
    try RowBlock.forEach(of: rowCount) { block in
      let row = y + block.rows.lowerBound * hiddenSize
      row.update(repeating: 0, count: block.rows.count * hiddenSize)
      for (table, indices) in parts {
        table.weight.withUnsafeBase { weight in
          for (position, index) in indices[block.rows].enumerated() {
            block.kernels.add(
              UnsafeMutableBufferPointer(start: row + position * hiddenSize, count: hiddenSize),
              weight + index * hiddenSize)
          }
        }
      }
      norm?.apply(block, to: row)
    }
  }
}
