import Attention
import Foundation
import TestSupport
import Testing

/// The elementary functions of every instruction set, over all of float32.
@Suite struct KernelFunctionTests {
  /// A function and its error bound, in ulp of the exact result.
  struct Function: Sendable, CustomTestStringConvertible {
    let name: String
    let apply: @Sendable (any Kernels, UnsafeMutableBufferPointer<Float>) -> Void
    let exact: @Sendable (Double) -> Double
    /// The bound of an instruction set, at an argument.
    let allowed: @Sendable (KernelsUnderTest, Double) -> Double
    /// The bound of the difference between a C kernel and its Swift twin; nil if the two bounds suffice.
    let allowedFromTwin: Double?

    var testDescription: String { name }

    static func activation(
      _ activation: Activation, fromTwin: Double?,
      allowed: @escaping @Sendable (KernelsUnderTest, Double) -> Double
    ) -> Function {
      Function(
        name: "\(activation)", apply: { $0.activate($1, activation) },
        exact: { x in
          if x == -.infinity, activation != .tanh { return 0 }
          return x.isNaN ? x : exactActivation(activation, x)
        }, allowed: allowed, allowedFromTwin: fromTwin)
    }

    static let exponential = Function(
      name: "exponential", apply: { _ = $0.exponentials($1, minus: 0) }, exact: { exp($0) },
      allowed: { set, _ in set.isFused ? 1 : 2 }, allowedFromTwin: 2)

    /// The numbers include a cap that is denormal, and one whose multiples are infinite.
    static let softcaps = [50, 5, 0.7, 0x1p-133, 3e38].map { (cap: Float) in
      Function(
        name: "softcap \(cap)", apply: { $0.softcap($1, at: cap) },
        exact: { Double(cap) * tanh($0 / Double(cap)) },
        allowed: { set, _ in set.name == "Swift" ? 4 : set.isFused ? 5 : 6 }, allowedFromTwin: 9)
    }

    /// The exponential magnifies the rounding of its exponent.
    static let softcapDerivatives = [50, 5, 0.7, 0x1p-133, 3e38].map { (cap: Float) in
      Function(
        name: "softcap derivative \(cap)",
        apply: { kernels, row in
          let scores = Array(row)
          row.update(repeating: 1)
          kernels.multiplySoftcapDerivative(into: row, scores: scores, cap: cap)
        },
        exact: { 1 / (cosh($0 / Double(cap)) * cosh($0 / Double(cap))) },
        allowed: { _, x in 8 + 4 * abs(x / Double(cap)) }, allowedFromTwin: nil)
    }

    private static let elementary = [
      exponential,
      activation(.gelu, fromTwin: 16) { _, _ in 11 },
      // Below −1 the exponential magnifies the rounding of the exponent. An ulp is up to 2⁻²³. Where
      // the exponential is denormal, x also multiplies its rounding error.
      activation(.geluTanh, fromTwin: nil) { _, x in
        if x >= -1 { return 4 }
        let exponent = 2 * (2 / Double.pi).squareRoot() * abs(x + 0.044715 * x * x * x)
        return 8 + 4 * exponent + 2 * abs(x)
      },
      // Where the exponential is denormal, x multiplies its rounding error of half an ulp.
      activation(.silu, fromTwin: nil) { _, x in x > -87 ? 4 : 4 + abs(x) },
      activation(.relu, fromTwin: 0) { _, _ in 0 },
      activation(.tanh, fromTwin: 9) { _, _ in 6 },
    ]

    static let all = elementary + softcaps + softcapDerivatives
  }

  private let memory = FencedMemory(capacity: 1024)

  /// All special numbers, and a sample of the others, in rows.
  private func forEachRow(_ body: ([Float]) -> Void) {
    let tiny = Float.leastNonzeroMagnitude
    let least = Float.leastNormalMagnitude
    body([
      0, -0.0, .infinity, -.infinity, .nan, tiny, -tiny, least, -least, least.nextDown,
      -least.nextDown, 88.72, 88.73, 90, 90.1, -87.3, -87.4, -103.9, -103.97, -103.98, -104,
      (-104 as Float).nextDown, -105, -120, -120.1, 20, -20, 13.2, -13.2, -14.4, -14.5,
    ])
    let isThorough = ProcessInfo.processInfo.environment["ATTENTION_THOROUGH"] == "1"
    let largest = Float.greatestFiniteMagnitude
    let stride = isThorough ? 127 : sweepStride * 17
    var row: [Float] = []
    // All exponents, and more samples where the functions change.
    for (range, stride) in [(-largest...largest, stride), (-128...(-0x1p-4), stride / 10)] {
      sweep(range, stride: stride) { lanes in
        for lane in 0..<VectorMath.Lanes.scalarCount { row.append(lanes[lane]) }
        guard row.count >= 4096 else { return }
        body(row)
        row.removeAll(keepingCapacity: true)
      }
    }
    body(row)
  }

  @Test(arguments: Function.all)
  func `each function is within its bound over all of float32`(
    function: Function
  ) throws {
    var worst: [String: Worst] = [:]
    forEachRow { x in
      let exact = x.map { function.exact(Double($0)) }
      let results = KernelsUnderTest.all.map { set in
        var result = x
        result.withUnsafeMutableBufferPointer { function.apply(set.kernels, $0) }
        return result
      }
      for (set, result) in zip(KernelsUnderTest.all, results) {
        var (fromExact, fromTwin) = (Worst(), Worst())
        for index in x.indices {
          let ulps = distanceInUlps(result[index], exact[index])
          fromExact.note(ulps, of: function.allowed(set, Double(x[index])), at: x[index])
          guard let allowed = function.allowedFromTwin, let twin = results.last?[index] else {
            continue
          }
          let isSame = twin == result[index] || twin.isNaN && result[index].isNaN
          let apart = abs(Double(twin) - Double(result[index])) / Double(Float(exact[index]).ulp)
          fromTwin.note(isSame ? 0 : apart, of: allowed, at: x[index])
        }
        worst["\(set.name) and the formula", default: Worst()].note(fromExact)
        worst["\(set.name) and its twin", default: Worst()].note(fromTwin)
      }
    }
    for (pair, worst) in worst {
      #expect(worst.share <= 1, "\(pair): \(worst.ulps) ulp at \(worst.place)")
    }
  }

  /// The argument where the error is the largest fraction of its bound.
  private struct Worst {
    var share = 0.0
    var ulps = 0.0
    var place: Float = 0

    mutating func note(_ ulps: Double, of allowed: Double, at place: Float) {
      let share = ulps == 0 ? 0 : ulps / allowed
      if !(share <= self.share) { self = Worst(share: share, ulps: ulps, place: place) }
    }

    mutating func note(_ other: Worst) {
      if !(other.share <= share) { self = other }
    }
  }

  @Test func `the exponential reaches the smallest number, then 0`() {
    for set in KernelsUnderTest.all {
      var x: [Float] = [-103.9, -103, -100, -87.4, -104.01, -1e4, -1e30, -.infinity, 88.73]
      x.withUnsafeMutableBufferPointer { _ = set.kernels.exponentials($0, minus: 0) }
      #expect(x[0] == .leastNonzeroMagnitude, "\(set.name)")
      #expect(x[1...3].allSatisfy { $0 > 0 && $0 < .leastNormalMagnitude }, "\(set.name)")
      #expect(x[4...7].allSatisfy { $0 == 0 }, "\(set.name)")
      #expect(x[8] == .infinity, "\(set.name)")
    }
  }

  @Test func `the position in a row does not change the result of a scalar`() throws {
    var generator = SeededGenerator(seed: 64)
    var numbers = generator.numbers(257, below: 20)
    for (index, special) in [Float.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude]
      .enumerated()
    {
      numbers[index * 50] = special
    }
    for function in Function.all {
      for set in KernelsUnderTest.all {
        let alone = numbers.map { x in
          var x = x
          withUnsafeMutablePointer(to: &x) {
            function.apply(set.kernels, UnsafeMutableBufferPointer(start: $0, count: 1))
          }
          return x
        }
        for count in KernelRowTests.lengths {
          for distance in 0..<16 {
            let row = memory.place(numbers.suffix(count), before: distance)
            function.apply(set.kernels, row)
            let same = zip(row, alone.suffix(count)).allSatisfy {
              $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
            }
            let place = "\(function.name), \(set.name), \(count), \(distance) before the fence"
            try #require(same && memory.isIntact, "\(place)")
          }
        }
      }
    }
  }
}
