extension VectorLoops {
  package func roundedScalarCount(_ product: PanelProduct) -> Int { product.roundedFloatCount }

  package func roundInputs(
    of product: inout PanelProduct, into room: UnsafeMutablePointer<Float>
  ) {
    product.roundInputsToFloats(into: room, self)
  }
}

extension PanelProduct {
  /// How many inputs of a row share a scale, where they become whole numbers.
  package static let inputSpan = 64

  /// The scalars of the rounded A: none where nothing is rounded.
  var roundedFloatCount: Int { format.roundsInputs ? m * k : 0 }

  /// Whether rounding makes the same of both products' inputs.
  func roundsSameInputs(as other: PanelProduct) -> Bool {
    a == other.a && aStride == other.aStride && m == other.m && k == other.k
      && format.roundsInputs && other.format.roundsInputs
      && (format == .bfloat16) == (other.format == .bfloat16)
  }

  /// A becomes what `LayerInputs.rounded` says, as Float32: `[m, k]`.
  mutating func roundInputsToFloats(
    into room: UnsafeMutablePointer<Float>, _ loops: some VectorLoops
  ) {
    guard format.roundsInputs else { return }
    for row in 0..<m {
      let target = UnsafeMutableBufferPointer(start: room + row * k, count: k)
      let source = UnsafeBufferPointer(start: a + row * aStride, count: k)
      switch format {
      case .float32, .float16: break
      case .bfloat16:
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: k) { bits in
          guard let base = bits.baseAddress else { return }
          _ = loops.convertToBFloat16(source, into: base)
          loops.convertFromBFloat16(UnsafeBufferPointer(bits), into: room + row * k)
        }
      case .int8, .int8Groups:
        for first in stride(from: 0, to: k, by: Self.inputSpan) {
          let span = first..<min(first + Self.inputSpan, k)
          roundToWhole(source[span], into: target[span])
        }
      }
    }
    a = UnsafePointer(room)
    aStride = k
  }

  /// s · whole for numbers that share a scale s.
  private func roundToWhole(
    _ span: Slice<UnsafeBufferPointer<Float>>,
    into target: Slice<UnsafeMutableBufferPointer<Float>>
  ) {
    // An infinity or NaN leaves nothing of the others.
    let isFinite = span.allSatisfy(\.isFinite)
    let largest = span.reduce(0) { max($0, $1.magnitude) }
    let scale = isFinite ? max(largest / 127, .leastNormalMagnitude) : .nan
    for index in span.indices {
      target.base[index] = (span.base[index] / scale).rounded(.toNearestOrEven) * scale
    }
  }
}
