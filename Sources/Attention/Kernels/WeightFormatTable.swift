import CKernels

/// Everything that the package knows about one weight format.
///
/// `WeightFormat.row` is the table. A new format needs a case of `WeightFormat`, a row in this file,
/// and a row of `VECTOR_WEIGHT_FORMATS` in C with its kernels. Sizes are in bits, so that a weight
/// may be smaller than a byte.
final class WeightFormatRow: Sendable {
  /// Bits per weight, without the scales.
  let bitsPerWeight: Int
  /// Which weights share a scale.
  let scales: Scales
  /// The C constant of the element format.
  let kernelFormat: vector_weight_format
  /// How layers with these weights quantize their inputs with `LayerInputs.rounded`; nil if they do
  /// not.
  let inputs: InputQuantization?

  /// The element at an index, without its scale.
  let value: @Sendable (_ elements: UnsafeRawPointer, _ index: Int) -> Float
  /// Converts consecutive elements to float32, without their scales; nil if the elements are float32.
  let toFloats: ToFloats?
  /// Converts a panel to this format; returns false if the format cannot hold a number. nil if the
  /// elements are float32.
  let fromFloats: FromFloats?
  /// Whether the format can hold a number.
  let holds: @Sendable (Float) -> Bool

  enum Scales: Sendable {
    case none
    /// One scale for all inputs of an output feature.
    case column
    /// One scale for each `length` inputs of an output feature.
    case block(length: Int)
  }

  typealias ToFloats =
    @Sendable (
      _ kernels: any Kernels, _ elements: UnsafeRawPointer, _ count: Int,
      _ floats: UnsafeMutablePointer<Float>
    ) -> Void

  typealias FromFloats = @Sendable (_ kernels: any Kernels, _ panel: PanelConversion) -> Bool

  private init(
    bitsPerWeight: Int, scales: Scales = .none, kernelFormat: vector_weight_format,
    inputs: InputQuantization? = nil,
    value: @escaping @Sendable (UnsafeRawPointer, Int) -> Float, toFloats: ToFloats? = nil,
    fromFloats: FromFloats? = nil, holds: @escaping @Sendable (Float) -> Bool
  ) {
    self.bitsPerWeight = bitsPerWeight
    self.scales = scales
    self.kernelFormat = kernelFormat
    self.inputs = inputs
    self.value = value
    self.toFloats = toFloats
    self.fromFloats = fromFloats
    self.holds = holds
  }

  /// The size of `count` elements in bytes. They must fill whole bytes, as the 32 columns of a panel
  /// do.
  func byteCount(_ count: Int) -> Int { count * bitsPerWeight / 8 }
}

// MARK: - The table

extension WeightFormat {
  var row: WeightFormatRow {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .float16: .float16
    case .int8: .int8
    case .int8Groups: .int8Groups
    }
  }
}

extension WeightFormatRow {
  static let float32 = WeightFormatRow(
    bitsPerWeight: 32, kernelFormat: VECTOR_FLOAT32,
    value: { $0.assumingMemoryBound(to: Float.self)[$1] },
    holds: { _ in true })

  static let bfloat16 = WeightFormatRow(
    bitsPerWeight: 16, kernelFormat: VECTOR_BFLOAT16, inputs: .bfloat16,
    value: { HalfPrecision.float(fromBFloat16: bits($0)[$1]) },
    toFloats: { kernels, elements, count, floats in
      kernels.convertFromBFloat16(
        UnsafeBufferPointer(start: bits(elements), count: count), into: floats)
    },
    fromFloats: { kernels, panel in
      kernels.convertToBFloat16(
        panel.all, into: panel.elements.bindMemory(to: UInt16.self, capacity: panel.all.count))
    },
    holds: {
      !$0.isFinite || HalfPrecision.float(fromBFloat16: HalfPrecision.bfloat16(from: $0)).isFinite
    })

  static let float16 = WeightFormatRow(
    bitsPerWeight: 16, kernelFormat: VECTOR_FLOAT16,
    value: { HalfPrecision.float(fromFloat16: bits($0)[$1]) },
    toFloats: { kernels, elements, count, floats in
      kernels.convertFromFloat16(
        UnsafeBufferPointer(start: bits(elements), count: count), into: floats)
    },
    fromFloats: { kernels, panel in
      kernels.convertToFloat16(
        panel.all, into: panel.elements.bindMemory(to: UInt16.self, capacity: panel.all.count))
    },
    holds: {
      !$0.isFinite || HalfPrecision.float(fromFloat16: HalfPrecision.float16(from: $0)).isFinite
    })

  static let int8 = int8(scales: .column)
  static let int8Groups = int8(scales: .block(length: InputQuantization.int8BlockLength))

  private static func int8(scales: Scales) -> WeightFormatRow {
    WeightFormatRow(
      bitsPerWeight: 8, scales: scales, kernelFormat: VECTOR_INT8, inputs: .int8,
      value: { Float($0.assumingMemoryBound(to: Int8.self)[$1]) },
      toFloats: { _, elements, count, floats in
        let integers = elements.assumingMemoryBound(to: Int8.self)
        for index in 0..<count { floats[index] = Float(integers[index]) }
      },
      fromFloats: { kernels, panel in
        guard kernels.isFinite(panel.all) else { return false }
        panel.quantizeToInt8()
        return true
      },
      holds: { $0.isFinite })
  }

  private static func bits(_ elements: UnsafeRawPointer) -> UnsafePointer<UInt16> {
    elements.assumingMemoryBound(to: UInt16.self)
  }

  /// The table row of an element format. Formats that differ only in their scales have the same
  /// element format; any of their rows is returned.
  static func row(of kernelFormat: vector_weight_format) -> WeightFormatRow {
    byKernelFormat[Int(kernelFormat.rawValue)]
  }

  private static let byKernelFormat: [WeightFormatRow] = {
    let rows = WeightFormat.allCases.map(\.row)
    let count = (rows.map { Int($0.kernelFormat.rawValue) }.max() ?? 0) + 1
    return (0..<count).map { value in
      rows.first { $0.kernelFormat.rawValue == value } ?? .float32
    }
  }()
}

// MARK: - Sizes

extension WeightFormat {
  /// The number of inputs of an output feature that share a scale, at least 1; 0 for a format without
  /// scales.
  package func blockLength(inputSize: Int) -> Int {
    switch row.scales {
    case .none: 0
    case .column: max(inputSize, 1)
    case .block(let length): length
    }
  }

  /// The number of scales per output feature.
  package func blockCount(inputSize: Int) -> Int {
    let length = blockLength(inputSize: inputSize)
    return length == 0 ? 0 : max(1, (inputSize + length - 1) / length)
  }
}
