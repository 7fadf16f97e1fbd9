import Attention
import TestSupport
import Testing

/// Products with packed matrices, at sizes around those of tiles and K-blocks.
@Suite struct KernelProductTests {
  #if DEBUG
    // In a debug build the whole grid takes minutes.
    static let grid = PanelGrid(
      m: [0, 1, 4, 7, 13, 38], n: [1, 17, 33, 70], k: [0, 1, 2, 64, 257, 770])
  #else
    static let grid = PanelGrid(
      m: Array(0...30) + [37, 57, 73], n: [1, 5, 16, 17, 31, 32, 33, 64, 70, 300],
      k: [0, 1, 2, 3, 63, 64, 255, 256, 257, 600, 770])
  #endif

  @Test func `products are within the bound of their sums`() throws {
    var generator = SeededGenerator(seed: 65)
    let operands = PanelOperands(Self.grid, isWhole: false) { generator.numbers($0) }
    try Self.grid.check(
      operands,
      [
        PanelVariant(name: "alone"),
        PanelVariant(name: "accumulating", alpha: 0.7, accumulates: true),
        PanelVariant(name: "bias", alpha: -1.3, hasBias: true),
        PanelVariant(name: "bias, addend, GELU", hasBias: true, addend: .other, activation: .gelu),
        PanelVariant(name: "addend", alpha: 0.125, addend: .other),
        PanelVariant(name: "bias, C, SiLU", hasBias: true, addend: .itself, activation: .silu),
      ])
  }

  @Test func `products of small integers are exact`() throws {
    var generator = SeededGenerator(seed: 66)
    let operands = PanelOperands(Self.grid, isWhole: true) { generator.wholeNumbers($0) }
    try Self.grid.check(
      operands,
      [
        PanelVariant(name: "alone"),
        PanelVariant(name: "accumulating", alpha: -2, accumulates: true),
        PanelVariant(name: "bias, addend, ReLU", hasBias: true, addend: .other, activation: .relu),
        PanelVariant(name: "bias, C", alpha: 2, hasBias: true, addend: .itself),
      ])
  }

  @Test func `the last step adds bias and addend once, and applies the activation`() throws {
    let (m, n, stride) = (5, 70, 75)
    var generator = SeededGenerator(seed: 68)
    let sums = generator.numbers(m * stride)
    let (bias, addend) = (generator.numbers(n), generator.numbers(m * stride))
    for set in KernelsUnderTest.all {
      for (addends, activation, accumulates) in [
        (PanelVariant.Addend.none, Activation?.none, false), (.other, nil, false),
        (.itself, .silu, false), (.other, .gelu, false), (.other, .relu, true),
      ] {
        var expected = sums
        for row in 0..<m where !accumulates {
          for column in 0..<n {
            let place = row * stride + column
            expected[place] += bias[column]
            if addends == .other { expected[place] += addend[place] }
          }
          expected[row * stride..<row * stride + n].withUnsafeMutableBufferPointer {
            if let activation { set.kernels.activate($0, activation) }
          }
        }
        var c = sums
        try c.withUnsafeMutableBufferPointer { c in
          try bias.withUnsafeBufferPointer { bias in
            try addend.withUnsafeBufferPointer { addend in
              let base = try #require(c.baseAddress)
              var product = PanelProduct(
                m: m, n: n, k: 1, a: base, aStride: 1, panels: base, panelStride: 32, c: base,
                cStride: stride)
              product.bias = bias.baseAddress
              product.addend =
                addends == .none ? nil : addends == .other ? addend.baseAddress : .init(base)
              product.addend_stride = stride
              product.function = activation
              product.accumulates = accumulates
              set.kernels.finish(product)
            }
          }
        }
        #expect(c == expected, "\(set.name), \(addends), \(String(describing: activation))")
      }
    }
  }

  @Test func `a product computed in parts has the same bits`() throws {
    let (m, n, k) = (15, 230, 300)
    var generator = SeededGenerator(seed: 67)
    let a = generator.numbers(m * k)
    let panels = generator.numbers(PanelProduct.scalarCount(k: k, n: n))
    let (bias, addend) = (generator.numbers(n), generator.numbers(m * (n + 2)))
    for set in KernelsUnderTest.all {
      /// The product, computed in parts that begin at these panels.
      func product(_ starts: [Int], addsToItself: Bool) throws -> [Float] {
        var c = addend
        try c.withUnsafeMutableBufferPointer { c in
          try a.withUnsafeBufferPointer { a in
            try panels.withUnsafeBufferPointer { panels in
              try bias.withUnsafeBufferPointer { bias in
                try addend.withUnsafeBufferPointer { addend in
                  var product = PanelProduct(
                    m: m, n: n, k: k, a: try #require(a.baseAddress), aStride: k,
                    panels: try #require(panels.baseAddress), panelStride: 32 * k,
                    c: try #require(c.baseAddress), cStride: n + 2)
                  product.bias = bias.baseAddress
                  product.addend = addsToItself ? UnsafePointer(c.baseAddress) : addend.baseAddress
                  product.addend_stride = n + 2
                  product.function = .silu
                  guard !starts.isEmpty else { return set.kernels.multiply(product) }
                  for (start, end) in zip(starts, starts.dropFirst() + [product.panelCount]) {
                    set.kernels.multiply(product.part(panels: start..<end))
                  }
                }
              }
            }
          }
        }
        return c
      }
      for addsToItself in [false, true] {
        let whole = try product([], addsToItself: addsToItself).map(\.bitPattern)
        for starts in [[0], [0, 1], [0, 7], [0, 3, 5], Array(0...7)] {
          let parts = try product(starts, addsToItself: addsToItself).map(\.bitPattern)
          #expect(parts == whole, "\(set.name), \(starts)")
        }
      }
    }
  }
}
