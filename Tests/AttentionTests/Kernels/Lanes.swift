import Attention
import Foundation

/// Every `stride`-th finite single-precision number in a range, denormal ones included, eight at a
/// time; the last of them may come twice.
func sweep(
  _ range: ClosedRange<Float>, stride: Int, _ body: (VectorMath.Lanes) -> Void
) {
  // Numbers in order: the bit patterns of the negative ones run the other way.
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

/// How many units in the last place of the exact result lie between it and what was computed;
/// denormal numbers have the units of the smallest.
func distanceInUlps(_ result: Float, _ exact: Double) -> Double {
  if result.isNaN || exact.isNaN { return result.isNaN && exact.isNaN ? 0 : .infinity }
  let rounded = Float(exact)
  guard rounded.isFinite, result.isFinite else { return result == rounded ? 0 : .infinity }
  return abs(Double(result) - exact) / Double(rounded.ulp)
}

/// A sweep's stride: every number would take minutes.
#if DEBUG
  let sweepStride = 20_011
#else
  let sweepStride = 307
#endif
