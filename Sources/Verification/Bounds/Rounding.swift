/// u: half an ulp of 1, the largest relative error of one rounding.
let unitRoundoff = 0x1p-24

/// γ(n) = n u / (1 − n u), the relative error of n successive roundings.
func gamma(_ roundings: Int) -> Double {
  let x = Double(roundings) * unitRoundoff
  return x / (1 - x)
}

/// The bound of an element of a product: a sum of k products in any order.
///
///     min(γ(k + 3) G, 2 E + 4 u G)
///
/// The first bound holds for every order of additions, and is far from every real error if k is large. The
/// second is close to real errors: twice the largest error E of a loop in float32 in this product, and a
/// few roundings.
///
/// - Parameters:
///   - magnitudes: G, the sum of the magnitudes of all terms of the element.
///   - naiveError: E.
func productBound(k: Int, magnitudes: Double, naiveError: Double) -> Double {
  min(gamma(k + 3) * magnitudes, 2 * naiveError + 4 * unitRoundoff * magnitudes)
}

/// The largest distance between two arrays of one length.
func largestError(_ found: some Collection<Float>, _ exact: some Collection<Double>) -> Double {
  zip(found, exact).reduce(0) { $0.isNaN ? $0 : max($0, abs(Double($1.0) - $1.1)) }
}

/// The largest magnitude.
func largestMagnitude(_ numbers: some Collection<Double>) -> Double {
  numbers.reduce(0) { max($0, abs($1)) }
}

/// A floating-point format with fewer bits than Float.
struct NarrowFormat {
  /// Bits of precision, with the leading one.
  let precision: Int
  /// The exponent of the smallest normal number.
  let leastExponent: Int

  static let bfloat16 = NarrowFormat(precision: 8, leastExponent: -126)
  static let float16 = NarrowFormat(precision: 11, leastExponent: -14)

  /// The nearest number of the format, ties to even.
  func rounded(_ x: Float) -> Double {
    guard x != 0, x.isFinite else { return Double(x) }
    let exponent = max(Int(Double(x).exponent), leastExponent)
    let quantum = Double(sign: .plus, exponent: exponent - (precision - 1), significand: 1)
    return (Double(x) / quantum).rounded(.toNearestOrEven) * quantum
  }
}

/// The numbers as integers from −127 to 127 times a scale: s = max |x| / 127 for each block, in float32.
func quantizedToInt8(_ x: [Float], blockLength: Int) -> [Double] {
  stride(from: 0, to: x.count, by: max(1, blockLength)).flatMap { start in
    let block = x[start..<min(start + blockLength, x.count)]
    let scale = max(block.reduce(0) { max($0, abs($1)) } / 127, .leastNormalMagnitude)
    return block.map { Double(($0 / scale).rounded(.toNearestOrEven)) * Double(scale) }
  }
}
