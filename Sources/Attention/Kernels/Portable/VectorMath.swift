/// Elementary functions on eight lanes at a time, in pure Swift.
///
/// They do not use fused multiply-add: the oldest x86-64 processors do not have it, and Swift would
/// call the C library for each lane. The stated errors include the rounding of every multiplication
/// and addition. Denormal results are not flushed to zero.
package enum VectorMath {
  /// The vectors that the loops in this file process.
  package typealias Lanes = SIMD8<Float>

  /// eˣ, within 2 ulp, denormal results included; 0 at −∞, ∞ at +∞, NaN at NaN.
  ///
  /// x = n·ln 2 + r with |r| ≤ ln 2 / 2; eʳ is approximated by a polynomial.
  ///
  /// - Source: Cody & Waite 1980 for the reduction; the coefficients are those of Cephes' `expf`.
  @inline(__always)
  package static func exp(_ x: Lanes) -> Lanes {
    // Beyond these bounds the result is 0 or ∞ in any case. Comparisons with NaN are false, so NaN
    // stays.
    var x = x
    let vanishes = x .< -104
    x.replace(with: -105, where: vanishes)
    x.replace(with: 90, where: x .> 90)
    // Adding 1.5·2²³ leaves round(x / ln 2) in the low bits of the sum.
    let shifter: Float = 12_582_912
    let shifted = x * 1.442_695_04 + shifter
    let n = shifted - shifter
    // ln 2 in two parts; the first has 9 bits, so that its product with n is exact.
    let r = x - n * 0.693_359_375 + n * 2.121_944_4e-4
    var p = Lanes(repeating: 1.987_569_15e-4)
    p = p * r + 1.398_199_95e-3
    p = p * r + 8.333_451_9e-3
    p = p * r + 4.166_579_6e-2
    p = p * r + 1.666_666_5e-1
    p = p * r + 5.000_000_1e-1
    p = p * (r * r) + r + 1
    // Set vanishing results to 0 before scaling: a multiplication that underflows takes about a
    // hundred cycles, and a mask may hide many scores, which are then −∞.
    p.replace(with: 0, where: vanishes)
    // 2ⁿ in two factors: n reaches −151 (denormal results) and 130, beyond one exponent field.
    let exponent =
      unsafeBitCast(shifted, to: SIMD8<Int32>.self)
      &- Int32(bitPattern: shifter.bitPattern)
    let half = exponent &>> 1
    return p * powerOfTwo(half) * powerOfTwo(exponent &- half)
  }

  /// 2ⁿ for −126 ≤ n ≤ 127.
  @inline(__always)
  private static func powerOfTwo(_ n: SIMD8<Int32>) -> Lanes {
    unsafeBitCast((n &+ 127) &<< 23, to: Lanes.self)
  }

  /// GELU as defined by Hendrycks & Gimpel: x · Φ(x), where Φ is the normal distribution function.
  ///
  /// With t = |x|, the upper tail is Φ(−t) = exp(−t²/2) · g(t), where g (a scaled Mills ratio) is
  /// smooth: a polynomial in u = 1 / (1 + 0.3 t), fitted with a relative error of 4e-9. Nothing
  /// cancels, so the result is within 11 ulp even where GELU(x) is tiny.
  @inline(__always)
  package static func gelu(_ x: Lanes) -> Lanes {
    // Beyond ±20 the tail is 0 in single precision; the bound avoids ∞ · 0.
    let bounded = x.replacing(with: 20, where: x .> 20).replacing(with: -20, where: x .< -20)
    let t = bounded.replacing(with: 0 - bounded, where: bounded .< 0)
    // t² = high² + rest, where high has 12 bits: exp would magnify the rounding error of t².
    let high = unsafeBitCast(
      unsafeBitCast(t, to: SIMD8<UInt32>.self) & 0xFFFF_F000, to: Lanes.self)
    let rest = (t - high) * (t + high)
    let bell = exp(high * high * -0.5) * exp(rest * -0.5)
    let u = 1 / (1 + 0.3 * t)
    var g = Lanes(repeating: -0.020_625_32)
    g = g * u + 0.112_445_9
    g = g * u - 0.228_238_43
    g = g * u + 0.191_818_57
    g = g * u - 0.079_452_63
    g = g * u + 0.096_172_89
    g = g * u + 0.078_383_89
    g = g * u + 0.110_236_7
    g = g * u + 0.119_571_66
    g = g * u + 0.119_686_7
    let tail = bounded * (bell * (g * u))
    return (x - tail).replacing(with: tail, where: x .< 0)
  }

  /// The tanh approximation of GELU: x / (1 + e^(−2y)), y = √(2/π) (x + 0.044715 x³).
  ///
  /// Within 4 ulp for x ≥ −1. Below −1, where the result decreases like e^(2y), the exponential
  /// magnifies the rounding error of y: the relative error is at most (8 + 4·|2y|)·2⁻²⁴.
  @inline(__always)
  package static func geluTanh(_ x: Lanes) -> Lanes {
    let bounded = x.replacing(with: -20, where: x .< -20)
    let y = 0.797_884_56 * (bounded + 0.044_715 * (bounded * bounded * bounded))
    // Whichever of e^(2y) and e^(−2y) is at most 1, so it cannot overflow before the result is 0.
    let decay = exp((2 * y).replacing(with: -2 * y, where: y .> 0))
    return bounded * decay.replacing(with: 1, where: y .>= 0) / (1 + decay)
  }

  /// SiLU: x / (1 + e^(−x)), within 4 ulp for x ≥ −87.
  ///
  /// Below −87, the exponential is denormal, and x multiplies its rounding error: the error is at
  /// most |x| times the smallest positive number.
  ///
  /// - Source: Elfwing, Uchibe & Doya 2017.
  @inline(__always)
  package static func silu(_ x: Lanes) -> Lanes {
    // Below −120 the result is 0; without the bound, −∞ · 0 would give NaN.
    let bounded = x.replacing(with: -120, where: x .< -120)
    // Whichever of eˣ and e⁻ˣ is at most 1, so it cannot overflow before the result is 0.
    let decay = exp(bounded.replacing(with: 0 - bounded, where: bounded .> 0))
    return bounded * decay.replacing(with: 1, where: bounded .>= 0) / (1 + decay)
  }
}

extension VectorMath {
  /// c · tanh(x / c), within 4 ulp; ±c at ±∞, NaN at NaN.
  ///
  /// With t = |x| / c, tanh t is t + t³ · p(t²) near 0, otherwise 1 − 2 / (e^(2t) + 1). Near 0, the
  /// result is x + x · t² · p(t²), which is accurate even if x / c is 0.
  ///
  /// - Source: the coefficients are those of Cephes' `tanhf`.
  @inline(__always)
  package static func softcap(_ x: Lanes, at cap: Float) -> Lanes {
    let isNegative = x .< 0
    let t = x.replacing(with: 0 - x, where: isNegative) / cap
    let square = t * t
    var p = Lanes(repeating: -5.704_988_7e-3)
    p = p * square + 2.063_908_9e-2
    p = p * square - 5.373_971_6e-2
    p = p * square + 1.333_144_2e-1
    p = p * square - 3.333_328_2e-1
    let near = x + x * (square * p)
    let size = cap * (1 - 2 / (exp(t + t) + 1))
    let far = size.replacing(with: 0 - size, where: isNegative)
    return far.replacing(with: near, where: t .< 0.625)
  }

  /// 1 − tanh²(x / c) = 4 e / (1 + e)², e = e^(−2|x| / c): nothing cancels where tanh is near ±1.
  @inline(__always)
  package static func softcapDerivative(_ x: Lanes, cap: Float) -> Lanes {
    let t = x / cap
    let e = exp((2 * t).replacing(with: -2 * t, where: t .> 0))
    return 4 * e / ((1 + e) * (1 + e))
  }
}

// MARK: - Scalar functions

extension VectorMath {
  /// ln x for positive x, within a few ulp in Double; −∞ at 0, ∞ at ∞, NaN at NaN and below 0.
  ///
  /// x = 2ᵉ · f with f in [√½, √2), and ln f = 2 artanh s with s = (f − 1) / (f + 1), |s| < 0.172.
  package static func log(_ x: Double) -> Double {
    guard x > 0, x < .infinity else { return x == 0 ? -.infinity : x > 0 ? x : .nan }
    var exponent = Double(x.exponent)
    var fraction = x.significand
    if fraction > 1.414_213_562_373_095_1 {
      fraction /= 2
      exponent += 1
    }
    let s = (fraction - 1) / (fraction + 1)
    // s + s³/3 + s⁵/5 + …; s² < 0.03, so eleven terms are enough for the precision of Double.
    var series = 0.0
    for power in stride(from: 21, through: 1, by: -2) {
      series = series * (s * s) + 1 / Double(power)
    }
    return exponent * 0.693_147_180_559_945_31 + 2 * s * series
  }
}

// MARK: - Loops

extension VectorMath {
  /// row ← f(row), eight at a time; the remainder is computed in a padded vector.
  @inline(__always)
  package static func map(
    _ row: UnsafeMutableBufferPointer<Float>, _ transform: (Lanes) -> Lanes
  ) {
    guard let base = row.baseAddress else { return }
    let raw = UnsafeMutableRawPointer(base)
    let step = MemoryLayout<Lanes>.size
    let whole = row.count / Lanes.scalarCount
    for index in 0..<whole {
      let lanes = raw.loadUnaligned(fromByteOffset: index * step, as: Lanes.self)
      raw.storeBytes(of: transform(lanes), toByteOffset: index * step, as: Lanes.self)
    }
    let first = whole * Lanes.scalarCount
    guard first < row.count else { return }
    var lanes = Lanes()
    for index in first..<row.count { lanes[index - first] = base[index] }
    lanes = transform(lanes)
    for index in first..<row.count { base[index] = lanes[index - first] }
  }

  /// rowᵢ ← f(rowᵢ, otherᵢ), eight at a time; the remainder is computed in padded vectors.
  @inline(__always)
  package static func map(
    _ row: UnsafeMutableBufferPointer<Float>, with other: UnsafePointer<Float>,
    _ transform: (Lanes, Lanes) -> Lanes
  ) {
    for first in stride(from: 0, to: row.count, by: Lanes.scalarCount) {
      let count = min(Lanes.scalarCount, row.count - first)
      var (x, y) = (Lanes(), Lanes())
      for lane in 0..<count { (x[lane], y[lane]) = (row[first + lane], other[first + lane]) }
      x = transform(x, y)
      for lane in 0..<count { row[first + lane] = x[lane] }
    }
  }

  /// The sum of f over `row`; the remainder is padded with `padding`, for which f must return 0.
  @inline(__always)
  package static func sum(
    _ row: UnsafeBufferPointer<Float>, padding: Float, _ transform: (Lanes) -> Lanes
  ) -> Float {
    guard let base = row.baseAddress else { return 0 }
    let raw = UnsafeRawPointer(base)
    let step = MemoryLayout<Lanes>.size
    let whole = row.count / Lanes.scalarCount
    var total = Lanes()
    for index in 0..<whole {
      total += transform(raw.loadUnaligned(fromByteOffset: index * step, as: Lanes.self))
    }
    let first = whole * Lanes.scalarCount
    if first < row.count {
      var lanes = Lanes(repeating: padding)
      for index in first..<row.count { lanes[index - first] = base[index] }
      total += transform(lanes)
    }
    return total.sum()
  }

  /// Σᵢ rowᵢ · otherᵢ, in eight partial sums.
  package static func dot(_ row: UnsafeBufferPointer<Float>, _ other: UnsafePointer<Float>) -> Float
  {
    guard let base = row.baseAddress else { return 0 }
    let (x, y) = (UnsafeRawPointer(base), UnsafeRawPointer(other))
    let step = MemoryLayout<Lanes>.size
    let whole = row.count / Lanes.scalarCount
    var total = Lanes()
    for index in 0..<whole {
      total +=
        x.loadUnaligned(fromByteOffset: index * step, as: Lanes.self)
        * y.loadUnaligned(fromByteOffset: index * step, as: Lanes.self)
    }
    var sum = total.sum()
    for index in (whole * Lanes.scalarCount)..<row.count { sum += base[index] * other[index] }
    return sum
  }

  /// The largest scalar of `row`, ignoring NaN; −∞ for an empty row.
  package static func maximum(_ row: UnsafeBufferPointer<Float>) -> Float {
    guard let base = row.baseAddress else { return -.infinity }
    let raw = UnsafeRawPointer(base)
    let step = MemoryLayout<Lanes>.size
    let whole = row.count / Lanes.scalarCount
    var largest = Lanes(repeating: -.infinity)
    for index in 0..<whole {
      let lanes = raw.loadUnaligned(fromByteOffset: index * step, as: Lanes.self)
      largest.replace(with: lanes, where: lanes .> largest)
    }
    var result = -Float.infinity
    for lane in 0..<Lanes.scalarCount where largest[lane] > result { result = largest[lane] }
    for index in (whole * Lanes.scalarCount)..<row.count where base[index] > result {
      result = base[index]
    }
    return result
  }
}
