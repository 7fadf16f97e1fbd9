import Attention
import TestSupport
import Testing

/// The operations of a panel product in addition to the multiplication.
struct PanelVariant {
  enum Addend { case none, other, itself }

  let name: String
  var alpha: Float = 1
  var accumulates = false
  var hasBias = false
  var addend = Addend.none
  var activation: Activation?

  /// Whether the former content of C is an operand.
  var readsC: Bool { accumulates || addend == .itself }
}

/// Matrices whose upper left corners are the operands of all products, and the exact results.
struct PanelOperands {
  let isWhole: Bool
  let a: [Float]
  let p: [Float]
  let c: [Float]
  let addend: [Float]
  let bias: [Float]
  let width: Int
  let depth: Int
  /// A · P and |A| · |P|, summed over the first k terms, for each k of the grid.
  private(set) var sums: [Int: [Double]] = [:]
  private(set) var magnitudes: [Int: [Double]] = [:]

  init(_ grid: PanelGrid, isWhole: Bool, draw: (Int) -> [Float]) {
    let (m, n, k) = (grid.m.max() ?? 0, grid.n.max() ?? 0, grid.k.max() ?? 0)
    self.isWhole = isWhole
    (a, p, c, addend, bias) = (draw(m * k), draw(k * n), draw(m * n), draw(m * n), draw(n))
    (width, depth) = (n, k)
    var sum = [Double](repeating: 0, count: m * n)
    var magnitude = sum
    for step in 0...k {
      if grid.k.contains(step) { (sums[step], magnitudes[step]) = (sum, magnitude) }
      guard step < k else { break }
      for row in 0..<m {
        let factor = Double(a[row * k + step])
        for column in 0..<n {
          let product = factor * Double(p[step * n + column])
          sum[row * n + column] += product
          magnitude[row * n + column] += product.magnitude
        }
      }
    }
  }

  /// The product in Double, and the error bound γ(k + 3) · (|α| |A| |P| + |C| + …); 0 for integers.
  func expected(m: Int, n: Int, k: Int, _ variant: PanelVariant) -> [Expected] {
    guard let sums = sums[k], let magnitudes = magnitudes[k] else { return [] }
    var expected: [Expected] = []
    expected.reserveCapacity(m * n)
    for row in 0..<m {
      for column in 0..<n {
        let place = row * width + column
        var value = Double(variant.alpha) * sums[place]
        var size = Double(variant.alpha.magnitude) * magnitudes[place]
        func add(_ x: Float) {
          value += Double(x)
          size += Double(x.magnitude)
        }
        if variant.readsC { add(c[place]) }
        if variant.hasBias { add(bias[column]) }
        if variant.addend == .other { add(addend[place]) }
        var bound = isWhole ? 0 : gamma(k + 3) * size
        if let activation = variant.activation {
          value = exactActivation(activation, value)
          // Every activation has a slope of at most 1.13 and an error of at most 11 ulp.
          if !isWhole { bound = 1.13 * bound + 22 * unitRoundoff * abs(value) + 0x1p-149 }
        }
        expected.append(Expected(value: value, bound: bound))
      }
    }
    return expected
  }
}

/// All products of some sizes. Each operand ends at a fence, rows have gaps, and C is NaN where it must
/// not be read.
struct PanelGrid {
  let m: [Int]
  let n: [Int]
  let k: [Int]

  func check(_ operands: PanelOperands, _ variants: [PanelVariant]) throws {
    let (m, n, k) = (self.m.max() ?? 0, self.n.max() ?? 0, self.k.max() ?? 0)
    let memory = (
      a: FencedMemory(capacity: m * (k + 3)),
      panels: FencedMemory(capacity: PanelProduct.scalarCount(k: k, n: n)),
      c: FencedMemory(capacity: m * (n + 5)), addend: FencedMemory(capacity: m * (n + 2)),
      bias: FencedMemory(capacity: n)
    )
    defer { withExtendedLifetime(memory) {} }
    for n in self.n {
      let bias = try #require(memory.bias.place(operands.bias.prefix(n)).baseAddress)
      for k in self.k {
        let panels = try #require(
          memory.panels.place(
            KernelPackingTests.panels(n: n, k: k) { operands.p[$0 * operands.width + $1] }
          ).baseAddress)
        for m in self.m {
          let a = try #require(
            memory.a.place(
              rows(m, of: k, stride: k + 3) { operands.a[$0 * operands.depth + $1] }
            ).baseAddress)
          let addend = try #require(
            memory.addend.place(
              rows(m, of: n, stride: n + 2) { operands.addend[$0 * operands.width + $1] }
            ).baseAddress)
          for variant in variants {
            let expected = operands.expected(m: m, n: n, k: k, variant)
            let former = rows(m, of: n, stride: n + 5) {
              variant.readsC ? operands.c[$0 * operands.width + $1] : .nan
            }
            for set in KernelsUnderTest.panelMultipliers {
              let result = memory.c.place(former)
              var product = PanelProduct(
                m: m, n: n, k: k, a: a, aStride: k + 3, panels: panels, panelStride: 32 * k,
                c: try #require(result.baseAddress), cStride: n + 5)
              product.alpha = variant.alpha
              product.accumulates = variant.accumulates
              product.bias = variant.hasBias ? UnsafePointer(bias) : nil
              product.function = variant.activation
              switch variant.addend {
              case .none: break
              case .other: (product.addend, product.addend_stride) = (UnsafePointer(addend), n + 2)
              case .itself:
                (product.addend, product.addend_stride) = (UnsafePointer(product.c), n + 5)
              }
              set.kernels.multiply(product)
              let place = "\(variant.name), \(set.name), [\(m), \(k)] · [\(k), \(n)]"
              for row in 0..<m {
                let found = firstMismatch(
                  result[row * (n + 5)..<row * (n + 5) + n], expected[row * n..<(row + 1) * n])
                try #require(found == nil, "\(place), row \(row): \(found ?? "")")
                let end = min((row + 1) * (n + 5), result.count)
                let gap = result[row * (n + 5) + n..<end]
                try #require(
                  gap.allSatisfy { $0 == Self.gap }, "\(place), row \(row): wrote between rows")
              }
              try #require(memory.c.isIntact, "\(place): wrote outside C")
            }
          }
        }
      }
    }
  }

  private static let gap = FencedMemory<Float>.filler

  /// Rows with gaps, which products must not read or write.
  private func rows(
    _ count: Int, of width: Int, stride: Int, _ element: (_ row: Int, _ column: Int) -> Float
  ) -> [Float] {
    KernelPackingTests.rows(count, of: width, stride: stride, gap: Self.gap, element)
  }
}
