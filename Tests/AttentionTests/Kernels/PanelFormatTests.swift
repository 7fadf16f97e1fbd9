import Attention
import TestSupport
import Testing

/// Products with panels in narrow formats, compared with products of the stored elements in Double.
@Suite struct PanelFormatTests {
  /// A matrix in panels of a format, and the values of its stored elements.
  private struct Stored {
    let format: WeightFormat
    let bytes: [UInt8]
    let scales: [Float]
    /// `[k, n]`.
    let values: [Double]

    init(_ format: WeightFormat, n: Int, k: Int, _ generator: inout SeededGenerator) {
      self.format = format
      let width = PanelProduct.width
      let panelCount = (n + width - 1) / width
      let blockLength = format.blockLength(inputSize: k)
      let blockCount = format.blockCount(inputSize: k)
      scales = (0..<panelCount * blockCount * width).map { _ in
        Float.random(in: 0.001...0.01, using: &generator)
      }
      var bytes: [UInt8] = []
      var values = [Double](repeating: 0, count: n * k)
      func append(_ pattern: some FixedWidthInteger) {
        withUnsafeBytes(of: pattern.littleEndian) { bytes += Array($0) }
      }
      for panel in 0..<panelCount {
        for row in 0..<k {
          for lane in 0..<width {
            let column = panel * width + lane
            let x = column < n ? Float.random(in: -1...1, using: &generator) : 0
            let value: Double
            switch format {
            case .float32:
              append(x.bitPattern)
              value = Double(x)
            case .bfloat16:
              let bits = HalfPrecision.bfloat16(from: x)
              append(bits)
              value = Double(HalfPrecision.float(fromBFloat16: bits))
            case .float16:
              let bits = HalfPrecision.float16(from: x)
              append(bits)
              value = Double(HalfPrecision.float(fromFloat16: bits))
            case .int8, .int8Groups:
              let whole = Int8((x * 127).rounded())
              append(whole)
              let scale = scales[(panel * blockCount + row / blockLength) * width + lane]
              value = Double(whole) * Double(scale)
            }
            if column < n { values[row * n + column] = value }
          }
        }
      }
      self.bytes = bytes
      self.values = values
    }
  }

  private static let depths = [0, 1, 2, 3, 63, 64, 65, 130, 256, 257, 330]
  private static let widths = [1, 16, 31, 32, 33, 70]
  #if DEBUG
    private static let rowCounts = [1, 2, 4, 5, 15, 30]
  #else
    private static let rowCounts = Array(1...20) + [29, 43]
  #endif

  /// The inputs of a row, quantized to the precision of the weights.
  private static func rounded(_ row: ArraySlice<Float>, as format: WeightFormat) -> [Double] {
    guard format.blockLength(inputSize: row.count) > 0 else {
      guard format == .bfloat16 else { return row.map(Double.init) }
      return row.map { Double(HalfPrecision.float(fromBFloat16: HalfPrecision.bfloat16(from: $0))) }
    }
    return stride(from: row.startIndex, to: row.endIndex, by: 64).flatMap { first in
      let span = row[first..<min(first + 64, row.endIndex)]
      let scale = max((span.map(\.magnitude).max() ?? 0) / 127, .leastNormalMagnitude)
      return span.map { Double(($0 / scale).rounded(.toNearestOrEven)) * Double(scale) }
    }
  }

  @Test(arguments: WeightFormat.allCases, LayerInputs.allCases)
  func `products are within the bound of their sums, and read nothing beyond their panels`(
    format: WeightFormat, inputs: LayerInputs
  ) throws {
    var generator = SeededGenerator(seed: 91)
    let sets =
      KernelsUnderTest.all + [.reference]
    let most = (m: Self.rowCounts.max() ?? 0, k: Self.depths.max() ?? 0, n: 96)
    let memory = (
      panels: FencedMemory<UInt8>(capacity: most.k * most.n * 4 + 64, filler: 0xC1),
      scales: FencedMemory(capacity: most.n * (most.k / 64 + 2)),
      c: FencedMemory(capacity: most.m * (most.n + 3)), a: FencedMemory(capacity: most.m * most.k),
      rounded: FencedMemory(capacity: most.m * (most.k + 32))
    )
    defer { withExtendedLifetime(memory) {} }
    for k in Self.depths {
      for n in Self.widths {
        let stored = Stored(format, n: n, k: k, &generator)
        let panels = try #require(memory.panels.place(stored.bytes).baseAddress)
        let scales = memory.scales.place(stored.scales)
        for m in Self.rowCounts {
          let rows = generator.numbers(m * k)
          let a = try #require(memory.a.place(rows).baseAddress)
          let counted =
            inputs == .exact
            ? rows.map(Double.init)
            : (0..<m).flatMap { Self.rounded(rows[$0 * k..<($0 + 1) * k], as: format) }
          let (bias, former) = (generator.numbers(n), generator.numbers(m * (n + 3)))
          for (accumulates, alpha) in [(false, Float(1)), (true, 0.7)] {
            let expected = (0..<m * n).map { index in
              let (row, column) = (index / n, index % n)
              var (sum, size) = (0.0, 0.0)
              for l in 0..<k {
                let term = counted[row * k + l] * stored.values[l * n + column]
                sum += term
                size += abs(term)
              }
              let kept = Double(accumulates ? former[row * (n + 3) + column] : bias[column])
              return Expected(
                value: Double(alpha) * sum + kept,
                // A scale adds one rounding to each operand.
                bound: gamma(k + (inputs == .exact ? 4 : 6)) * (Double(alpha) * size + abs(kept)))
            }
            for set in sets {
              let c = memory.c.place(former)
              var product = PanelProduct(
                m: m, n: n, k: k, a: a, aStride: k, panels: panels, panelStride: 32 * k,
                c: try #require(c.baseAddress), cStride: n + 3)
              product.setFormat(
                format, scales: scales.isEmpty ? nil : UnsafePointer(scales.baseAddress))
              product.alpha = alpha
              product.accumulates = accumulates
              if inputs == .rounded {
                let room = memory.rounded.place(
                  Array(repeating: .nan, count: set.kernels.quantizedFloatCount(product)))
                set.kernels.quantizeInputs(of: &product, into: try #require(room.baseAddress))
                try #require(memory.rounded.isIntact, "\(set.name): wrote outside the room")
              }
              bias.withUnsafeBufferPointer { bias in
                product.bias = accumulates ? nil : bias.baseAddress
                set.kernels.multiply(product)
              }
              let place =
                "\(format), \(inputs), \(set.name), [\(m), \(k)] · [\(k), \(n)], α \(alpha)"
              for row in 0..<m {
                let found = firstMismatch(
                  c[row * (n + 3)..<row * (n + 3) + n], expected[row * n..<(row + 1) * n])
                try #require(found == nil, "\(place), row \(row): \(found ?? "")")
                let gap = row * (n + 3) + n..<(row + 1) * (n + 3)
                try #require(c[gap].elementsEqual(former[gap]), "\(place): wrote between rows")
              }
              try #require(memory.c.isIntact, "\(place): wrote outside C")
            }
          }
        }
      }
    }
  }

  @Test(arguments: WeightFormat.allCases)
  func `a product computed in parts has the same bits`(format: WeightFormat) throws {
    let (n, k) = (230, 130)
    var generator = SeededGenerator(seed: 92)
    let stored = Stored(format, n: n, k: k, &generator)
    for m in [1, 3, 40] {
      let a = generator.numbers(m * k)
      for set in KernelsUnderTest.all {
        func product(_ starts: [Int]) throws -> [UInt32] {
          var c = [Float](repeating: .nan, count: m * n)
          try c.withUnsafeMutableBufferPointer { c in
            try a.withUnsafeBufferPointer { a in
              try stored.bytes.withUnsafeBytes { panels in
                try stored.scales.withUnsafeBufferPointer { scales in
                  var product = PanelProduct(
                    m: m, n: n, k: k, a: try #require(a.baseAddress), aStride: k,
                    panels: try #require(panels.baseAddress), panelStride: 32 * k,
                    c: try #require(c.baseAddress), cStride: n)
                  product.setFormat(format, scales: scales.isEmpty ? nil : scales.baseAddress)
                  for (start, end) in zip(starts, starts.dropFirst() + [product.panelCount]) {
                    set.kernels.multiply(product.part(panels: start..<end))
                  }
                }
              }
            }
          }
          return c.map(\.bitPattern)
        }
        let whole = try product([0])
        for starts in [[0, 1], [0, 3, 5], Array(0...7)] {
          #expect(try product(starts) == whole, "\(set.name), \(m) rows, \(starts)")
        }
      }
    }
  }
}
