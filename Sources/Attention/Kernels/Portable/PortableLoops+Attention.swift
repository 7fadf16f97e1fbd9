extension VectorLoops {
  package func applySoftmax(_ tile: SoftmaxTile) {
    for row in 0..<tile.rows {
      let scores = UnsafeMutableBufferPointer(
        start: tile.scores + row * tile.scoreStride, count: tile.columns)
      // 1. m′ = max(m, max S)
      let old = tile.largest[row]
      let largest = max(old, maximum(UnsafeBufferPointer(scores)))
      // 2. P = exp(S − m′), Σ P
      let sum = exponentials(scores, minus: asShift(largest))
      // 3. What was summed under the old maximum shrinks by a = exp(m − m′). Equal maxima may be
      //    infinite, and ∞ − ∞ is NaN.
      guard largest != old else {
        tile.total[row] += sum
        continue
      }
      var correction = old - largest
      withUnsafeMutablePointer(to: &correction) {
        _ = exponentials(UnsafeMutableBufferPointer(start: $0, count: 1), minus: 0)
      }
      tile.total[row] = correction * tile.total[row] + sum
      tile.largest[row] = largest
      scale(
        UnsafeMutableBufferPointer(
          start: tile.output + row * tile.outputStride, count: tile.outputColumns), by: correction)
    }
  }

  package func scoreKeys(_ product: RowProduct) {
    for key in 0..<product.keys {
      for row in 0..<product.rows {
        let keyRow = product.vector(key, of: row)
        let query = UnsafeBufferPointer(
          start: product.base + row * product.stride, count: product.dimension)
        product.result[row * product.resultStride + key] =
          product.scale * VectorMath.dot(query, keyRow)
      }
    }
  }

  package func addWeightedValues(_ product: RowProduct) {
    for key in 0..<product.keys {
      for row in 0..<product.rows {
        let value = product.vector(key, of: row)
        let weight = product.base[row * product.stride + key]
        let output = product.result + row * product.resultStride
        for column in 0..<product.dimension { output[column] += weight * value[column] }
      }
    }
  }
}

extension RowProduct {
  /// The key or value that a row meets.
  fileprivate func vector(_ key: Int, of row: Int) -> UnsafePointer<Float> {
    keyBase + key * keyStride + row * heads / rows * dimension
  }
}
