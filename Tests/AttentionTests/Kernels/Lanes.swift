import Attention
import Foundation

/// Every `stride`-th finite float32 in a range, including denormal numbers, eight at a time. The last
/// number may occur twice.
func sweep(
  _ range: ClosedRange<Float>, stride: Int, _ body: (VectorMath.Lanes) -> Void
) {
  // Ordered numbers: the bit patterns of negative numbers run in reverse.
  func order(_ x: Float) -> Int {
    x.sign == .minus ? -Int(x.magnitude.bitPattern) : Int(x.bitPattern)
  }
  func number(_ order: Int) -> Float {
    let magnitude = Float(bitPattern: UInt32(order.magnitude))
    return order < 0 ? -magnitude : magnitude
  }
  let (first, last) = (order(range.lowerBound), order(range.upperBound))
  var start = first
  while start <= last {
    var lanes = VectorMath.Lanes()
    for lane in 0..<VectorMath.Lanes.scalarCount {
      lanes[lane] = number(min(start + lane * stride, last))
    }
    body(lanes)
    start += VectorMath.Lanes.scalarCount * stride
  }
}

/// The error of a computed result in ulp of the exact result. Denormal numbers have the ulp of the
/// smallest number.
func distanceInUlps(_ result: Float, _ exact: Double) -> Double {
  if result.isNaN || exact.isNaN { return result.isNaN && exact.isNaN ? 0 : .infinity }
  let rounded = Float(exact)
  guard rounded.isFinite, result.isFinite else { return result == rounded ? 0 : .infinity }
  return abs(Double(result) - exact) / Double(rounded.ulp)
}

/// The stride of a sweep; all numbers would take minutes.
#if DEBUG
  let sweepStride = 20_011
#else
  let sweepStride = 307
#endif
