import Attention
import Foundation
import TestSupport
import Testing

@Suite struct ExponentialTests {
  private func exponential(_ x: Float) -> Float { VectorMath.exp(.init(repeating: x))[0] }

  @Test func `the exponential is within 2 ulp over its whole range, also for denormal results`() {
    var (largest, place): (Double, Float) = (0, 0)
    sweep(-110...89, stride: sweepStride) { x in
      let y = VectorMath.exp(x)
      for lane in 0..<VectorMath.Lanes.scalarCount {
        let distance = distanceInUlps(y[lane], exp(Double(x[lane])))
        if distance > largest { (largest, place) = (distance, x[lane]) }
      }
    }
    #expect(largest <= 2, "\(largest) ulp at \(place)")
  }

  @Test func `beyond its range the exponential is zero or infinite`() {
    for x: Float in [-104, -105, -1e3, -1e30, -.greatestFiniteMagnitude, -.infinity] {
      #expect(exponential(x) == 0)
    }
    for x: Float in [88.73, 90, 91, 1e3, 1e30, .greatestFiniteMagnitude, .infinity] {
      #expect(exponential(x) == .infinity)
    }
    #expect(exponential(.nan).isNaN)
    #expect(exponential(0) == 1 && exponential(-0.0) == 1)
    #expect(exponential(.leastNonzeroMagnitude) == 1)
    #expect(exponential(88.72) < .infinity)
    #expect(exponential(-103.9) == .leastNonzeroMagnitude)
  }

  @Test func `lanes do not affect each other`() {
    let x: VectorMath.Lanes = [.nan, -.infinity, .infinity, 0, 1, -100, 88, -0.5]
    let y = VectorMath.exp(x)
    for lane in 0..<8 {
      let alone = exponential(x[lane])
      #expect(y[lane] == alone || y[lane].isNaN && alone.isNaN)
    }
  }
}
