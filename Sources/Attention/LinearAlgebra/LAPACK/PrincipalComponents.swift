/// The directions in which vectors differ most: the eigenvectors of their covariance with the largest eigenvalues.
///
/// ```swift
/// let components = try PrincipalComponents(of: vectors, count: 2)
/// let points = try components.coordinates(of: vectors, count: 2)  // [vector, 2]
/// ```
///
/// - Source: LAPACK's `dsyevr`; Jolliffe 2002, "Principal component analysis".
package struct PrincipalComponents {
  /// The mean of the vectors.
  package let mean: [Double]
  /// The directions, each of length 1, `[component, feature]`, the most important first. The feature with the largest
  /// absolute value is positive.
  package let directions: [[Float]]
  /// The share of the variance in each direction.
  package let explained: [Float]

  /// The components of some vectors.
  ///
  /// - Parameters:
  ///   - vectors: `[vector, feature]`.
  ///   - count: the largest number of components.
  /// - Throws: `AttentionError.shape` unless `vectors` is a matrix; `AttentionError.argument` for a number that is not
  ///   finite; `AttentionError.memory`.
  /// - Complexity: O(n² m) for n = min(vectors, features) and m the larger of the two.
  package init(of vectors: Tensor, count: Int) throws {
    guard vectors.shape.rank == 2 else {
      throw AttentionError.shape(
        argument: "vectors", expected: "[vector, feature]", got: vectors.shape)
    }
    guard vectors.isFinite else {
      throw AttentionError.argument("vectors", reason: "expected finite numbers")
    }
    let (rows, features) = (vectors.shape[0], vectors.shape[1])
    let centered = try Self.centered(vectors)
    mean = centered.mean
    // The covariance X'X, or X X' if it is smaller: both have the same eigenvalues, except 0.
    let isTall = rows > features
    let order = min(rows, features)
    var products = try Self.products(
      centered.vectors, rows: rows, features: features, isTall: isTall)
    let variance = (0..<order).reduce(0.0) { $0 + products[$1 * order + $1] }
    let (values, eigenvectors) = try products.withUnsafeMutableBufferPointer { buffer in
      try buffer.baseAddress.map {
        try LAPACK.largestEigenvectors(count, of: $0, size: order)
      } ?? ([], [])
    }
    var directions: [[Float]] = []
    var explained: [Float] = []
    for index in values.indices.reversed() where values[index] > 1e-12 * max(variance, 1e-30) {
      let vector = Array(eigenvectors[index * order..<(index + 1) * order])
      let direction =
        isTall ? vector : Self.combination(vector, of: centered.vectors, features: features)
      directions.append(Self.normalized(direction))
      explained.append(Float(values[index] / variance))
    }
    self.directions = directions
    self.explained = explained
  }

  /// The coordinates of vectors, `[vector, component]`: 0 for components that do not exist.
  ///
  /// - Parameter count: the number of coordinates.
  package func coordinates(of vectors: Tensor, count: Int) throws -> Tensor {
    try Tensor(
      rows: (0..<vectors.shape[0]).map { row in
        let vector = vectors.row(row)
        return (0..<count).map { component in
          guard component < directions.count else { return 0 }
          return Float(
            zip(zip(vector, mean), directions[component]).reduce(0.0) {
              $0 + (Double($1.0.0) - $1.0.1) * Double($1.1)
            })
        }
      })
  }

  /// The vectors minus their mean, in Double: with float32, an eigenvalue of 0 would look like a small one.
  private static func centered(_ vectors: Tensor) throws -> (vectors: [Double], mean: [Double]) {
    let (rows, features) = (vectors.shape[0], vectors.shape[1])
    try requireMemory(count: rows * features, of: Double.self, purpose: "centered vectors")
    var centered = vectors.scalars.map(Double.init)
    var mean = [Double](repeating: 0, count: features)
    for index in centered.indices { mean[index % features] += centered[index] }
    for feature in mean.indices { mean[feature] /= Double(max(rows, 1)) }
    for index in centered.indices { centered[index] -= mean[index % features] }
    return (centered, mean)
  }

  /// X'X or X X', `[order, order]`; only the lower triangle is computed.
  private static func products(
    _ x: [Double], rows: Int, features: Int, isTall: Bool
  ) throws -> [Double] {
    let order = min(rows, features)
    try requireMemory(count: order * order, of: Double.self, purpose: "a covariance")
    var products = [Double](repeating: 0, count: order * order)
    guard order > 0 else { return products }
    guard max(rows, features) <= Int32.max else {
      throw AttentionError.overflow("\(rows) × \(features) exceeds BLAS's \(Int32.max)")
    }
    guard OpenBLAS.shared.hasMemory else {
      throw AttentionError.memory(byteCount: BufferMemory.byteCount, purpose: "OpenBLAS")
    }
    x.withUnsafeBufferPointer { x in
      products.withUnsafeMutableBufferPointer { c in
        guard let x = x.baseAddress, let c = c.baseAddress else { return }
        OpenBLAS.shared.withEntry {
          OpenBLASLibrary.multiplyByTranspose(
            x, rowCount: rows, columnCount: features, isTransposed: isTall, into: c)
        }
      }
    }
    return products
  }

  /// X'v.
  private static func combination(_ v: [Double], of x: [Double], features: Int) -> [Double] {
    var sum = [Double](repeating: 0, count: features)
    for (row, factor) in v.enumerated() {
      for feature in 0..<features { sum[feature] += factor * x[row * features + feature] }
    }
    return sum
  }

  private static func normalized(_ direction: [Double]) -> [Float] {
    let length = direction.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
    let largest = direction.max { abs($0) < abs($1) } ?? 0
    let factor = (largest < 0 ? -1 : 1) / length
    return direction.map { Float($0 * factor) }
  }
}
