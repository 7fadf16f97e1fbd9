import Attention

/// The exact result of a chain of layers, computed by the reference backend, and the bound of its errors:
/// twice the largest error with naive float32 products, plus 16 roundings of the largest exact number for
/// each block: those of an exponential, a norm and an activation.
struct CompositeResult: Sendable {
  let exact: [Double]
  let bound: Double

  /// - Parameter blockCount: the number of blocks, one after the other.
  init(blockCount: Int = 1, _ body: () throws -> Tensor) throws {
    exact = try withCompute(backend: .reference, threads: 1) {
      try body().scalars.map(Double.init)
    }
    try Task.checkCancellation()
    let roundings = 16 * Double(blockCount)
    bound =
      try 2 * NaiveKernels.error(exact, body)
      + roundings * unitRoundoff * largestMagnitude(exact)
  }

  func compare(_ found: [Float], _ meter: inout ErrorMeter) {
    meter.add(found, exact, within: bound)
  }
}
