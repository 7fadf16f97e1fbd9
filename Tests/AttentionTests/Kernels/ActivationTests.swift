import Attention
import Foundation
import TestSupport
import Testing

@Suite struct ActivationTests {
  /// The largest error over a sweep, in ulp of the exact result.
  private func largestDistance(
    _ range: ClosedRange<Float>, _ function: (VectorMath.Lanes) -> VectorMath.Lanes,
    _ activation: Activation
  ) -> (ulps: Double, place: Float) {
    var largest: (ulps: Double, place: Float) = (0, 0)
    sweep(range, stride: sweepStride) { x in
      let y = function(x)
      for lane in 0..<VectorMath.Lanes.scalarCount {
        let distance = distanceInUlps(
          y[lane], exactActivation(activation, Double(x[lane])))
        if distance > largest.ulps { largest = (distance, x[lane]) }
      }
    }
    return largest
  }

  @Test func `the reference keeps its relative accuracy where the result is tiny`() {
    // From mpmath with 60 digits.
    for (x, expected) in [
      (-4.0, -7.02459481923726841e-05), (-6, -8.43964670076229702e-11),
      (-8, -3.10778293750111119e-21), (-12, -1.63598544935348111e-61),
    ] {
      let value = ReferenceKernels.value(of: .geluTanh, at: x)
      #expect(abs(value - expected) <= 1e-13 * abs(expected), "\(x)")
    }
    #expect(ReferenceKernels.value(of: .geluTanh, at: -.infinity) == 0)
    #expect(ReferenceKernels.value(of: .geluTanh, at: .infinity) == .infinity)
  }

  @Test func `GELU is within 11 ulp, also for denormal results`() {
    // Beyond 13.2 the result is denormal, and then 0.
    for range: ClosedRange<Float> in [-1...30, -13.2...(-1), -25...(-13.2)] {
      let (ulps, place) = largestDistance(range, VectorMath.gelu, .gelu)
      #expect(ulps <= 11, "\(ulps) ulp at \(place)")
    }
  }

  @Test func `GELU's approximation by tanh is within 4 ulp from minus one upwards`() {
    let (ulps, place) = largestDistance(-1...30, VectorMath.geluTanh, .geluTanh)
    #expect(ulps <= 4, "\(ulps) ulp at \(place)")
  }

  @Test func `GELU's approximation below −1 has the error of the exponent`() {
    var (worst, place): (Double, Float) = (0, 0)
    sweep(-25...(-1), stride: sweepStride) { x in
      let result = VectorMath.geluTanh(x)
      for lane in 0..<VectorMath.Lanes.scalarCount {
        let x = Double(x[lane])
        let exponent = 2 * (2 / Double.pi).squareRoot() * abs(x + 0.044715 * x * x * x)
        let exact = exactActivation(.geluTanh, x)
        // e^x becomes denormal slightly before x · e^x does.
        let bound =
          (8 + 4 * exponent) * Double(Float.ulpOfOne) / 2 * abs(exact)
          + 2 * abs(x) * Double(Float.leastNonzeroMagnitude)
        let share = abs(Double(result[lane]) - exact) / bound
        if !(share <= worst) { (worst, place) = (share, Float(x)) }
      }
    }
    #expect(worst <= 1, "\(worst) of the bound at \(place)")
  }

  @Test func `ReLU leaves positive numbers unchanged`() throws {
    let tiny = Float.leastNonzeroMagnitude
    let x: [Float] = [-3, -0.0, 0, 2.5, .infinity, -.infinity, .nan, tiny, -tiny]
    for backend in Backend.all {
      let y = try withCompute(backend: backend) {
        try Activation.relu(Tensor(shape: [9], scalars: x)).scalars
      }
      #expect(y.prefix(6) == [0, 0, 0, 2.5, .infinity, 0])
      #expect(y[6].isNaN)
      #expect(y.suffix(2) == [tiny, 0])
    }
  }

  @Test(arguments: Backend.all)
  func `SiLU is 0 at minus infinity and x for large x`(backend: Backend) throws {
    let x: [Float] = [-.infinity, -200, -.greatestFiniteMagnitude, 0, 200, .infinity, .nan]
    let y = try withCompute(backend: backend) {
      try Activation.silu(Tensor(shape: [7], scalars: x)).scalars
    }
    #expect(y.prefix(6) == [0, 0, 0, 0, 200, .infinity])
    #expect(y[6].isNaN)
  }

  @Test(arguments: [Activation.gelu, .geluTanh], Backend.all)
  func `for large |x| each GELU is x or 0, and NaN stays NaN`(
    activation: Activation, backend: Backend
  ) throws {
    let large = Float.greatestFiniteMagnitude
    let x: [Float] = [30, 1e10, large, .infinity, -30, -1e10, -large, -.infinity, 0, -0.0, .nan]
    let y = try withCompute(backend: backend) {
      try activation(Tensor(shape: [11], scalars: x)).scalars
    }
    #expect(y.prefix(4) == [30, 1e10, large, .infinity])
    #expect(y[4..<10].allSatisfy { $0 == 0 })
    #expect(y[10].isNaN)
  }

  @Test(arguments: [Activation.gelu, .geluTanh, .relu, .tanh], Backend.all)
  func `an activation keeps the shape of a tensor`(activation: Activation, backend: Backend) throws
  {
    var generator = SeededGenerator(seed: 28)
    for shape: Shape in [[], [7], [3, 5], [2, 3, 5], [0, 4], [4, 0]] {
      let x = try generator.normalTensor(shape)
      let y = try withCompute(backend: backend) { try activation(x) }
      #expect(y.shape == shape)
      let exact = x.scalars.map { exactActivation(activation, Double($0)) }
      #expect(TestSupport.largestDistance(y.scalars, exact) < 1e-6)
    }
  }
}
