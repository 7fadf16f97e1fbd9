/// A bias for each query and key, shared by all heads or one per head: s ← s + b[h, i, j].
struct TensorBias: ScoreBias {
  /// `[query, key]` or `[head or 1, query, key]`; tokens are counted over all packed sequences.
  let tensor: Tensor

  func bias(at position: ScorePosition) -> Double {
    let row = rowStart(head: position.head, query: position.packedQuery)
    return tensor.withUnsafeScalars { Double($0[row + position.packedKey]) }
  }

  func modify(_ tile: ScoreTile) {
    tensor.withUnsafeScalars { biases in
      guard let biases = biases.baseAddress else { return }
      for query in tile.queries {
        tile.kernels.add(tile.row(of: query), biases + start(of: query, in: tile))
      }
    }
  }

  var parameters: Tensor? { tensor }

  var parameterSharing: ScoreParameterSharing {
    tensor.shape.rank == 2 || tensor.shape[0] == 1 ? .heads : .score
  }

  func parameterDerivatives(
    of score: Double, at position: ScorePosition
  ) -> [(index: Int, derivative: Double)] {
    [(rowStart(head: position.head, query: position.packedQuery) + position.packedKey, 1)]
  }

  func addParameterGradient(
    slopes: ScoreTile, scores: ScoreTile?, to gradient: inout MutableSpan<Float>
  ) {
    gradient.withUnsafeMutableBufferPointer { gradient in
      for query in slopes.queries {
        let row = slopes.row(of: query)
        guard let addend = row.baseAddress else { continue }
        let start = start(of: query, in: slopes)
        slopes.kernels.add(
          UnsafeMutableBufferPointer(rebasing: gradient[start..<start + row.count]), addend)
      }
    }
  }

  func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {
    try requirePlanes(
      tensor.shape, name: "bias", headCount: headCount, queryCount: queryCount,
      keyCount: keyCount)
  }

  /// The position in the tensor that belongs to the first score of a query's row in a tile.
  private func start(of query: Int, in tile: ScoreTile) -> Int {
    rowStart(head: tile.head, query: tile.packedQueryStart + query)
      + tile.packedKeyStart + tile.keys.lowerBound
  }

  /// The position of the row of a head's query in the tensor.
  func rowStart(head: Int, query: Int) -> Int {
    planeRowStart(in: tensor.shape, head: head, query: query)
  }
}
