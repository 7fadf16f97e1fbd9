extension Kernels {
  package func attentionTiles(keyDimension: Int, valueDimension: Int) -> AttentionTiles {
    AttentionTiles(inPanels: self, keyDimension: keyDimension, valueDimension: valueDimension)
  }

  package func applySoftmax(_ tile: SoftmaxTile) {
    for row in 0..<tile.rows {
      let scores = UnsafeMutableBufferPointer(
        start: tile.scores + row * tile.score_stride, count: tile.columns)
      // 1. m′ = max(m, max S)
      let old = tile.row_max[row]
      let largest = max(old, maximum(UnsafeBufferPointer(scores)))
      // 2. P = exp(S − m′), Σ P
      let sum = exponentials(scores, minus: asShift(largest))
      // 3. l ← a · l + Σ P and O ← a · O, a = exp(m − m′). Equal maxima need no correction. They may
      //    be infinite, and ∞ − ∞ is NaN.
      guard largest != old else {
        tile.row_sum[row] += sum
        continue
      }
      var correction = old - largest
      withUnsafeMutablePointer(to: &correction) {
        _ = exponentials(UnsafeMutableBufferPointer(start: $0, count: 1), minus: 0)
      }
      tile.row_sum[row] = correction * tile.row_sum[row] + sum
      tile.row_max[row] = largest
      scale(
        UnsafeMutableBufferPointer(
          start: tile.output + row * tile.output_stride, count: tile.output_columns), by: correction
      )
    }
  }

  package func scoreKeys(_ product: CacheProduct) {
    for key in 0..<product.keys {
      for row in 0..<product.rows {
        let input = UnsafeBufferPointer(start: product.input(row), count: product.dimension)
        product.result[row * product.result_stride + key] =
          product.scale * VectorMath.dot(input, product.vector(key, of: row))
      }
    }
  }

  package func addWeightedValues(_ product: CacheProduct) {
    for key in 0..<product.keys {
      for row in 0..<product.rows {
        let value = product.vector(key, of: row)
        let weight = product.input(row)[key]
        let output = product.result + row * product.result_stride
        for column in 0..<product.dimension { output[column] += weight * value[column] }
      }
    }
  }
}

extension CacheProduct {
  /// A query, or the weights of a row.
  func input(_ row: Int) -> UnsafePointer<Float> { inputs + row * input_stride }

  /// The key or value of the row's head.
  func vector(_ key: Int, of row: Int) -> UnsafePointer<Float> {
    cache + key * cache_stride + row * heads / rows * dimension
  }
}
