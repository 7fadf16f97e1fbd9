/// One row of a table for each index, yᵢ = weight[indexᵢ]: how tokens, positions and segments become
/// vectors.
///
/// - Source: Vaswani et al. 2017, section 3.4.
public struct Embedding: Sendable {
  /// `[index, feature]`.
  public let weight: Tensor

  /// The number of rows.
  public var count: Int { weight.shape[0] }
  /// The number of features.
  public var width: Int { weight.shape[1] }

  /// A table with the given rows.
  ///
  /// - Parameter weight: `[index, feature]`.
  /// - Throws: ``AttentionError/shape(argument:expected:got:)`` unless the rank is 2.
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
    var output = try Tensor(shape: [indices.count, width], repeating: 0)
    try add(indices, to: &output)
    return output
  }

  /// Adds the row at each index to the row of `tensor` at the same place.
  func add(_ indices: [Int], to tensor: inout Tensor) throws {
    guard tensor.shape == [indices.count, width] else {
      throw AttentionError.shape(
        argument: "embedding", expected: "[\(indices.count), \(width)]", got: tensor.shape)
    }
    if let outside = indices.first(where: { $0 < 0 || $0 >= count }) {
      throw AttentionError.argument(
        "indices", reason: "\(outside) is out of range for an embedding of \(count) rows")
    }
    try weight.withUnsafeScalars { rows in
      try tensor.withUnsafeMutableScalars { sums in
        for (position, index) in indices.enumerated() {
          for feature in 0..<width {
            sums[position * width + feature] += rows[index * width + feature]
          }
        }
      }
    }
  }
}
