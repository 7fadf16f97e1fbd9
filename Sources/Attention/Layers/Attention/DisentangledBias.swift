/// The terms of `DisentangledPositions` for the queries and keys of a batch:
/// s ← s + scale · (qᵢ · Kʳ[δ(i − j)] + kⱼ · Qʳ[δ(i − j)]).
///
/// The products of all queries with Kʳ, and of all keys with Qʳ, are computed once; each score then needs two
/// of their numbers. Memory: O(tokens · heads · buckets).
struct DisentangledBias: ScoreBias {
  /// scale · qᵢ · Kʳ, `[token, head, column]`; nil for no such term.
  private let queryProducts: Tensor?
  /// scale · kⱼ · Qʳ, `[token, head, column]`; nil for no such term.
  private let keyProducts: Tensor?
  /// The column for each distance from −`largestDistance` to `largestDistance`.
  private let columns: [Int]
  private let largestDistance: Int
  /// The number of columns between two heads.
  private let stride: Int
  private let headCount: Int

  /// - Parameters:
  ///   - heads: queries and keys of the same tokens.
  ///   - options: the lengths of the sequences.
  /// - Throws: `AttentionError.argument` naming "lengths" or "keyLengths"; `AttentionError.memory`.
  init(
    _ positions: DisentangledPositions, _ heads: AttentionHeads, options: AttentionOptions,
    scale: Float
  ) throws {
    let (queryCount, keyCount) = (heads.queries.shape[0], heads.keys.shape[0])
    let sequences = try packedRanges(
      options.lengths ?? [queryCount], total: queryCount, name: "lengths", of: "queries")
    let keySequences = try packedRanges(
      options.keyLengths ?? options.lengths ?? [keyCount], total: keyCount, name: "keyLengths",
      of: "keys")
    largestDistance = (sequences + keySequences).reduce(1) { max($0, $1.count) } - 1
    let rows = (-largestDistance...largestDistance).map { positions.row(ofDistance: $0) }
    // Short sequences need only the columns around distance 0. The rows increase with the distance.
    let width = PanelProduct.width
    let panels = (rows.first ?? 0) / width..<(rows.last ?? 0) / width + 1
    columns = rows.map { $0 - panels.lowerBound * width }
    // One cache line more than the columns: the same column of successive tokens must not fall into the same set
    // of the cache.
    stride = panels.count * width + 16
    headCount = positions.headCount
    queryProducts = try Self.products(
      heads.queries, positions.keys, panels, stride: stride, scale: scale)
    keyProducts = try Self.products(
      heads.keys, positions.queries, panels, stride: stride, scale: scale)
  }

  /// scale · x W for the panels of each head's matrix W; nil without matrices.
  ///
  /// - Parameter input: x, `[token, head, dk]`.
  private static func products(
    _ input: Tensor, _ matrices: [PanelMatrix], _ panels: Range<Int>, stride: Int, scale: Float
  ) throws -> Tensor? {
    guard !matrices.isEmpty else { return nil }
    let (tokens, headCount, dimension) = (input.shape[0], input.shape[1], input.shape[2])
    return try Tensor(shape: [tokens, headCount, stride]) { output in
      guard let y = output.baseAddress else { return }
      try input.withUnsafeBase { x in
        nonisolated(unsafe) let (x, y) = (x, y)
        try RowBlock.forEach(of: tokens) { block in
          let (first, count) = (block.rows.lowerBound, block.rows.count)
          // The columns of padding are never read, but must be initialized.
          y.advanced(by: first * headCount * stride).initialize(
            repeating: 0, count: count * headCount * stride)
          try block.multiply(
            matrices.enumerated().map { head, matrix in
              let target = y + (first * headCount + head) * stride
              var product = matrix.product(
                rowCount: count, of: x + (first * headCount + head) * dimension, into: target
              ).part(panels: panels)
              product.a_stride = headCount * dimension
              (product.c, product.c_stride) = (target, headCount * stride)
              product.alpha = scale
              return product
            })
        }
      }
    }
  }

  func bias(at position: ScorePosition) -> Double {
    let distance = position.query - position.key
    guard abs(distance) <= largestDistance, (0..<headCount).contains(position.head) else {
      return .nan
    }
    let column = columns[largestDistance + distance]
    func number(_ products: Tensor?, _ token: Int) -> Double {
      guard let products else { return 0 }
      return products.withUnsafeScalars {
        Double($0[(token * headCount + position.head) * stride + column])
      }
    }
    return number(queryProducts, position.packedQuery) + number(keyProducts, position.packedKey)
  }

  func modify(_ tile: ScoreTile) {
    columns.withUnsafeBufferPointer { columns in
      for query in tile.queries {
        let row = tile.row(of: query)
        // The column of the key at an index of the row is at origin[−index].
        let origin = largestDistance + query - tile.keys.lowerBound
        if let queryProducts {
          queryProducts.withUnsafeBase { base in
            let products =
              base + ((tile.packedQueryStart + query) * headCount + tile.head) * stride
            for index in row.indices { row[index] += products[columns[origin - index]] }
          }
        }
        if let keyProducts {
          keyProducts.withUnsafeBase { base in
            let first = tile.packedKeyStart + tile.keys.lowerBound
            var products = base + (first * headCount + tile.head) * stride
            for index in row.indices {
              row[index] += products[columns[origin - index]]
              products += headCount * stride
            }
          }
        }
      }
    }
  }
}

extension MultiHeadAttention {
  /// The options with the terms of the relative positions as the first modifier.
  func addingPositions(
    of heads: AttentionHeads, to options: AttentionOptions
  ) throws -> AttentionOptions {
    guard let disentangledPositions else { return options }
    let bias = try DisentangledBias(
      disentangledPositions, heads, options: options,
      scale: options.scale ?? 1 / Float(keyDimension).squareRoot())
    var options = options
    options.modifiers.insert(bias, at: 0)
    return options
  }

  /// Throws if the layer has relative positions, which `feature` does not support.
  func refusePositions(_ feature: String) throws {
    guard disentangledPositions == nil else {
      throw AttentionError.argument(
        "disentangledPositions",
        reason: "not supported in \(feature), only in self-attention of whole sequences")
    }
  }
}
