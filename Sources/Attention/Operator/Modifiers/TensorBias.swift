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
      for query in tile.queries {
        let row = tile.row(of: query)
        let start =
          rowStart(head: tile.head, query: tile.packedQueryStart + query)
          + tile.packedKeyStart + tile.keys.lowerBound
        for index in row.indices { row[index] += biases[start + index] }
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
    for query in slopes.queries {
      let row = slopes.row(of: query)
      let start =
        rowStart(head: slopes.head, query: slopes.packedQueryStart + query)
        + slopes.packedKeyStart + slopes.keys.lowerBound
      for index in row.indices { gradient[start + index] += row[index] }
    }
  }

  func validate(headCount: Int, queryCount: Int, keyCount: Int) throws {
    try requirePlanes(
      tensor.shape, name: "bias", headCount: headCount, queryCount: queryCount,
      keyCount: keyCount)
  }

  /// The position of the row of a head's query in the tensor.
  func rowStart(head: Int, query: Int) -> Int {
    planeRowStart(in: tensor.shape, head: head, query: query)
  }
}
