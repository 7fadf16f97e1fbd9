import CKernels

/// Quantizes a layer's inputs to the precision of its weights, one row at a time, with float32
/// results: the readable twin of the C kernels. See ``LayerInputs``.
final class InputQuantization: Sendable {
  /// Quantizes one row.
  let quantize: Quantize

  typealias Quantize =
    @Sendable (
      _ kernels: any Kernels, _ row: UnsafeBufferPointer<Float>,
      _ target: UnsafeMutableBufferPointer<Float>
    ) -> Void

  private init(_ quantize: @escaping Quantize) { self.quantize = quantize }

  /// Rounds each input to the nearest bfloat16.
  static let bfloat16 = InputQuantization { kernels, row, target in
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: row.count) { bits in
      guard let base = bits.baseAddress, let floats = target.baseAddress else { return }
      _ = kernels.convertToBFloat16(row, into: base)
      kernels.convertFromBFloat16(UnsafeBufferPointer(bits), into: floats)
    }
  }

  /// Rounds each input to s · integer, with s = max |x| / 127 over each block of 64 inputs.
  static let int8 = InputQuantization { _, row, target in
    for first in stride(from: 0, to: row.count, by: int8BlockLength) {
      let block = first..<min(first + int8BlockLength, row.count)
      // One ∞ or NaN makes the whole block NaN.
      let isFinite = row[block].allSatisfy(\.isFinite)
      let largest = row[block].reduce(0) { max($0, $1.magnitude) }
      let scale = isFinite ? max(largest / 127, .leastNormalMagnitude) : .nan
      for index in block {
        target[index] = (row[index] / scale).rounded(.toNearestOrEven) * scale
      }
    }
  }

  /// The number of inputs of a row that share a scale, as in the C kernels.
  static let int8BlockLength = Int(VECTOR_INPUT_GROUP)
}

extension PanelProduct {
  /// The number of floats in the quantized A; 0 if the format has no input quantization.
  var quantizedInputCount: Int { formatRow.inputs == nil ? 0 : m * k }

  /// Whether both products quantize the same inputs in the same way.
  func quantizesSameInputs(as other: PanelProduct) -> Bool {
    guard let inputs = formatRow.inputs, inputs === other.formatRow.inputs else { return false }
    return a == other.a && a_stride == other.a_stride && m == other.m && k == other.k
  }

  /// Replaces A by its quantized values in float32, `[m, k]`.
  mutating func quantizeInputsToFloats(
    into memory: UnsafeMutablePointer<Float>, _ kernels: some Kernels
  ) {
    guard let inputs = formatRow.inputs else { return }
    for row in 0..<m {
      inputs.quantize(
        kernels, UnsafeBufferPointer(start: a + row * a_stride, count: k),
        UnsafeMutableBufferPointer(start: memory + row * k, count: k))
    }
    a = UnsafePointer(memory)
    a_stride = k
  }
}
