extension Kernels {
  package func hide(
    _ row: UnsafeMutableBufferPointer<Float>, keeping keep: UnsafePointer<Bool>, with value: Float
  ) {
    for index in row.indices where !keep[index] { row[index] = value }
  }

  package func softcap(_ row: UnsafeMutableBufferPointer<Float>, at cap: Float) {
    VectorMath.map(row) { VectorMath.softcap($0, at: cap) }
  }

  package func multiplySoftcapDerivative(
    into row: UnsafeMutableBufferPointer<Float>, scores: UnsafePointer<Float>, cap: Float
  ) {
    VectorMath.map(row, with: scores) { $0 * VectorMath.softcapDerivative($1, cap: cap) }
  }

  package func subtractDistances(
    _ row: UnsafeMutableBufferPointer<Float>, from start: Int, slope: Float
  ) {
    for index in row.indices { row[index] -= slope * Float(abs(start + index)) }
  }
}
