import Attention

// MARK: Products with keys and values in a cache

extension RowKernel {
  /// The sizes of a product with a cache. The numbers of the row are cycled.
  private struct CacheSizes {
    let heads: Int
    let rows: Int
    /// The keys of `scoreKeys`, and the dimension of `weightedValues`.
    let others: Int

    init(_ row: Row) {
      let count = row.x.count
      heads = 1 + count % 3
      rows = heads * (1 + count / 3 % 4)
      others = 1 + count % 71
    }
  }

  /// scale · row r · key j: queries from x, keys from the weights.
  static let scoreKeys = RowKernel(
    name: "scores of keys",
    run: { kernels, row in
      let (dimension, sizes) = (row.x.count, CacheSizes(row))
      let (rows, heads, keys) = (sizes.rows, sizes.heads, sizes.others)
      let (queries, cache) = (cycled(row.x, rows), cycled(row.weight, keys * heads))
      return [Float](repeating: .nan, count: rows * keys).changed { output in
        _ = queries.withBase { queries in
          cache.withBase { cache in
            output.baseAddress.map { output in
              kernels.scoreKeys(
                CacheProduct(
                  rows: rows, heads: heads, keys: keys, dimension: dimension, inputs: queries,
                  inputStride: dimension, cache: cache, cacheStride: heads * dimension,
                  scale: 0.3, output: output, outputStride: keys))
            }
          }
        }
      }
    },
    exact: { row in
      let (dimension, sizes) = (row.x.count, CacheSizes(row))
      let (rows, heads, keys) = (sizes.rows, sizes.heads, sizes.others)
      let (queries, cache) = (cycled(row.x, rows), cycled(row.weight, keys * heads))
      return sums(rows * keys, terms: dimension, scale: 0.3) { index in
        let (r, key) = (index / keys, index % keys)
        let head = r / (rows / heads)
        return { d in (queries[r * dimension + d], cache[(key * heads + head) * dimension + d]) }
      }
    })

  /// 1 + Σ row r[j] · value j: weights from x, values from the weights.
  static let weightedValues = RowKernel(
    name: "weighted values",
    run: { kernels, row in
      let (keys, sizes) = (row.x.count, CacheSizes(row))
      let (rows, heads, dimension) = (sizes.rows, sizes.heads, sizes.others)
      let (weights, cache) = (cycled(row.x, rows), cycled(row.weight, dimension * heads))
      return [Float](repeating: 0, count: rows * dimension).changed { output in
        _ = weights.withBase { weights in
          cache.withBase { cache in
            output.baseAddress.map { output in
              kernels.addWeightedValues(
                CacheProduct(
                  rows: rows, heads: heads, keys: keys, dimension: dimension, inputs: weights,
                  inputStride: keys, cache: cache, cacheStride: heads * dimension,
                  output: output, outputStride: dimension))
            }
          }
        }
      }
    },
    exact: { row in
      let (keys, sizes) = (row.x.count, CacheSizes(row))
      let (rows, heads, dimension) = (sizes.rows, sizes.heads, sizes.others)
      let (weights, cache) = (cycled(row.x, rows), cycled(row.weight, dimension * heads))
      return sums(rows * dimension, terms: keys, scale: 1) { index in
        let (r, d) = (index / dimension, index % dimension)
        let head = r / (rows / heads)
        return { j in (weights[r * keys + j], cache[(j * heads + head) * dimension + d]) }
      }
    })

  /// `count` rows like `row`, each shifted by one more number.
  private static func cycled(_ row: [Float], _ count: Int) -> [Float] {
    (0..<count).flatMap { shift in row.indices.map { row[($0 + 7 * shift) % row.count] } }
  }

  /// The sums of products, each with its bound.
  private static func sums(
    _ count: Int, terms: Int, scale: Float, _ factors: (Int) -> (Int) -> (Float, Float)
  ) -> [Exact] {
    var results: [(sum: Double, magnitude: Double)] = []
    var naiveError = 0.0
    for index in 0..<count {
      let pair = factors(index)
      var (sum, size, naive) = (0.0, 0.0, Float(0))
      for term in 0..<terms {
        let (left, right) = pair(term)
        sum += Double(left) * Double(right)
        size += abs(Double(left) * Double(right))
        naive += left * right
      }
      naiveError = max(naiveError, abs(Double(scale * naive) - Double(scale) * sum))
      results.append((Double(scale) * sum, Double(scale) * size))
    }
    return results.map {
      ($0.sum, productBound(k: terms, magnitudes: $0.magnitude, naiveError: naiveError))
    }
  }
}
