import Attention

/// A matrix product C = A · B.
package struct GEMMCase: Hashable {
  /// Rows of A and C.
  package let m: Int
  /// Columns of B and C.
  package let n: Int
  /// Columns of A, rows of B.
  package let k: Int
  /// Whether B is stored as `[n, k]`, like the weights of a layer.
  package let isWeights: Bool

  /// Parses a shape, or a sweep of shapes: `MxNxK`, optionally followed by `:weights`.
  package static func cases(in text: Substring) throws -> [GEMMCase] {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 1 || parts.dropFirst() == ["weights"] else {
      throw BenchError("expected :weights after MxNxK, got '\(text)'")
    }
    return try SizeList.sizes(in: parts[0], count: 3, form: "MxNxK").map {
      GEMMCase(m: $0[0], n: $0[1], k: $0[2], isWeights: parts.count > 1)
    }
  }

  /// The default shapes: square matrices, and the products of a layer with hidden size 384 (attention
  /// projections, and up and down projections).
  package static let defaultShapes =
    ["128x128x128", "256x256x256", "512x512x512", "1024x1024x1024", "2048x2048x2048"]
    + ["16", "128", "512"].flatMap { rows in
      ["384x384", "1536x384", "384x1536"].map { "\(rows)x\($0):weights" }
    }

  package var name: String { "\(m)x\(n)x\(k)" + (isWeights ? ":weights" : "") }

  private var series: BenchSeries {
    if !isWeights && m == n && n == k { return BenchSeries("cubes") }
    return isWeights
      ? BenchSeries("n = \(n), k = \(k)", "weights") : BenchSeries("n = \(n), k = \(k)")
  }

  package var benchCase: BenchCase {
    BenchCase(name: name, length: m, series: series) {
      var generator = BenchGenerator(seed: 2)
      let a = try generator.normalTensor([m, k])
      let stored = try generator.normalTensor(isWeights ? [n, k] : [k, n])
      let b = isWeights ? try stored.matrix().transposed : try stored.matrix()
      func run() throws -> Tensor { try matrixProduct(a.matrix(), b) }
      return BenchCase.Prepared(
        work: BenchWork(operations: 2 * Double(m) * Double(n) * Double(k)),
        run: { _ = try run() },
        check: { try check(run(), a.matrix(), b) },
        arrays: { [] })
    }
  }

  /// Compares elements spread over C with sums in Double. The error bound of an element is
  /// γ(k + 3) · Σ|a||b|, with γ(k) = ku / (1 − ku) and u = 2⁻²⁴. Returns the element closest to its bound.
  private func check(_ c: Tensor, _ a: MatrixView, _ b: MatrixView) throws -> BenchCheck {
    let steps = Double(k + 3) * 0x1p-24
    let gamma = steps / (1 - steps)
    var worst = BenchCheck(error: 0, bound: 0)
    for row in Set([0, m / 3, m / 2, m - 1]) {
      for column in Set([0, n / 3, n / 2, n - 1]) {
        var (sum, magnitude) = (0.0, 0.0)
        for index in 0..<k {
          let product = Double(a[row, index]) * Double(b[index, column])
          sum += product
          magnitude += abs(product)
        }
        let check = BenchCheck(
          error: abs(Double(c[row, column]) - sum), bound: gamma * magnitude)
        guard check.passes else { return check }
        if check.error * worst.bound >= worst.error * check.bound { worst = check }
      }
    }
    return worst
  }
}
