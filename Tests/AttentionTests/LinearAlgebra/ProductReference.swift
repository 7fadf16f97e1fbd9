import TestSupport

/// Products in Double of one pair of matrices, for each k of the grid.
///
/// The product of the corners of A and B is the upper left corner, `[m, n]`, of one of these, so all 9261
/// sizes cost no more than the largest.
struct ProductReference: Sendable {
  /// The sizes that m, n and k take.
  static let sizes: [Int] = {
    #if DEBUG
      // In a debug build the whole grid takes minutes.
      [0, 1, 2, 5, 9, 16, 33, 65]
    #else
      [0, 1, 2, 3, 5, 7, 9, 15, 16, 17, 31, 33, 63, 64, 65, 99, 100, 101, 127, 128, 257]
    #endif
  }()
  static let extent = sizes.max() ?? 0
  static let shared = ProductReference()

  /// The elements of A, B and the former C, each `[extent, extent]`.
  let a: [Float]
  let b: [Float]
  let c: [Float]
  /// A · B and |A| · |B|, summed over the first k terms, for each k of the grid.
  let sums: [Int: [Double]]
  let magnitudes: [Int: [Double]]

  private init() {
    let extent = Self.extent
    var generator = SeededGenerator(seed: 21)
    func draw() -> [Float] {
      (0..<extent * extent).map { _ in Float.random(in: -1..<1, using: &generator) }
    }
    let (a, b) = (draw(), draw())
    (self.a, self.b, self.c) = (a, b, draw())

    var sum = [Double](repeating: 0, count: extent * extent)
    var magnitude = sum
    var sums: [Int: [Double]] = [:]
    var magnitudes: [Int: [Double]] = [:]
    for k in 0...extent {
      if Self.sizes.contains(k) {
        sums[k] = sum
        magnitudes[k] = magnitude
      }
      guard k < extent else { break }
      for i in 0..<extent {
        let factor = Double(a[i * extent + k])
        for j in 0..<extent {
          let product = factor * Double(b[k * extent + j])
          sum[i * extent + j] += product
          magnitude[i * extent + j] += product.magnitude
        }
      }
    }
    self.sums = sums
    self.magnitudes = magnitudes
  }
}
