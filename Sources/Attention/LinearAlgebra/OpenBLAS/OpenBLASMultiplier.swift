/// Computes float32 products with `cblas_sgemm`, on the calling thread, in the blocks of a `BLASPlan`.
///
/// Empty products never reach the library. If the library has no memory or failed its self-test, the
/// SIMD kernels compute.
package struct OpenBLASMultiplier: MatrixMultiplier {
  private let chosenLibrary: OpenBLAS?

  /// The library in use. The process's library is set up at its first use, so programs that use only
  /// other backends never call it.
  package var library: OpenBLAS { chosenLibrary ?? .shared }

  /// - Parameter library: nil means the process's library.
  package init(library: OpenBLAS? = nil) {
    chosenLibrary = library
  }

  package func multiply(_ product: MatrixProduct, with kernels: NativeKernels) throws {
    if product.isScaling {
      product.scaleC()
    } else if library.isTrusted {
      library.multiply(product)
    } else {
      try kernels.multiplyInPanels(product)
    }
  }

  package func multiply(_ product: PanelProduct, with kernels: NativeKernels) {
    let library = library
    guard library.isTrusted, product.alpha != 0, product.hasBLASSizes,
      let size = library.plan.panelBlocks(
        m: product.m, k: product.k, isReproducible: product.reproducible)
    else { return kernels.multiplyInSIMD(product) }
    for panels in blocks(of: 0..<product.panelCount, length: Tuning.BLAS.finishedPanels) {
      for panel in panels {
        multiply(product.part(panels: panel..<panel + 1), in: size, library)
      }
      kernels.finish(product.part(panels: panels))
    }
  }

  /// C ← α · A P, or C ← C + α · A P, for one panel P.
  ///
  /// The bits of a row of C depend on the other rows if a call computes fewer than 32 columns, and may depend
  /// on them if it computes a single row. Such a product is computed with 32 columns and two rows.
  private func multiply(_ panel: PanelProduct, in size: BLASPlan.PanelBlocks, _ library: OpenBLAS) {
    let width = PanelProduct.width
    guard panel.n < width || panel.m == 1 else {
      return multiply(panel, in: size, into: panel.c, stride: panel.c_stride, library)
    }
    var padded = panel
    padded.m = max(panel.m, 2)
    let inputCount = panel.m == 1 ? padded.m * panel.k : 0
    withUnsafeTemporaryAllocation(of: Float.self, capacity: padded.m * width + inputCount) {
      memory in
      guard let wide = memory.baseAddress else { return }
      func forEachRow(
        _ body: (_ wide: UnsafeMutablePointer<Float>, _ c: UnsafeMutablePointer<Float>) -> Void
      ) {
        for row in 0..<panel.m { body(wide + row * width, panel.c + row * panel.c_stride) }
      }
      memory.initialize(repeating: 0)
      if panel.m == 1 {
        let inputs = wide + padded.m * width
        inputs.update(from: panel.a, count: panel.k)
        padded.a = UnsafePointer(inputs)
        padded.a_stride = panel.k
      }
      if panel.adds { forEachRow { $0.update(from: $1, count: panel.n) } }
      multiply(padded, in: size, into: wide, stride: width, library)
      forEachRow { $1.update(from: $0, count: panel.n) }
    }
  }

  private func multiply(
    _ panel: PanelProduct, in size: BLASPlan.PanelBlocks, into c: UnsafeMutablePointer<Float>,
    stride: Int, _ library: OpenBLAS
  ) {
    let width = PanelProduct.width
    let elements = panel.panels.assumingMemoryBound(to: Float.self)
    for depth in blocks(of: 0..<panel.k, length: size.depth) {
      for rows in blocks(of: 0..<panel.m, length: size.rows) {
        library.multiply(
          MatrixProduct(
            uncheckedM: rows.count, n: width, k: depth.count, alpha: panel.alpha,
            a: .init(
              panel.a + rows.lowerBound * panel.a_stride + depth.lowerBound,
              leadingDimension: panel.a_stride),
            b: .init(elements + depth.lowerBound * width, leadingDimension: width),
            beta: panel.adds || depth.lowerBound > 0 ? 1 : 0, c: c + rows.lowerBound * stride,
            cLeadingDimension: stride))
      }
    }
  }

  package func attentionTiles(keyDimension: Int, valueDimension: Int) -> AttentionTiles? {
    let library = library
    guard library.isTrusted else { return nil }
    return library.plan.attentionTiles(
      keyDimension: keyDimension, valueDimension: valueDimension)
  }

  /// Whether the library computes this product: each head has more than one row, and nothing is empty.
  private func takes(_ product: CacheProduct) -> Bool {
    product.rows > product.heads && product.keys > 0 && product.dimension > 0
      && product.hasBLASSizes && library.isTrusted && library.plan.hasSmallKernels
  }

  package func scoreKeys(_ product: CacheProduct, with kernels: NativeKernels) {
    let (rows, library) = (product.rows / product.heads, library)
    guard takes(product), product.scale != 0 else { return kernels.scoreKeysInSIMD(product) }
    let count = library.plan.keysAtOnce(rows: rows, dimension: product.dimension)
    for head in 0..<product.heads {
      for keys in blocks(of: 0..<product.keys, length: count) {
        library.multiply(
          MatrixProduct(
            uncheckedM: rows, n: keys.count, k: product.dimension, alpha: product.scale,
            a: .init(
              product.inputs + head * rows * product.input_stride,
              leadingDimension: product.input_stride),
            b: .init(
              product.cache + keys.lowerBound * product.cache_stride + head * product.dimension,
              leadingDimension: product.cache_stride, isTransposed: true),
            beta: 0, c: product.result + head * rows * product.result_stride + keys.lowerBound,
            cLeadingDimension: product.result_stride))
      }
    }
  }

  package func addWeightedValues(_ product: CacheProduct, with kernels: NativeKernels) {
    let (rows, library) = (product.rows / product.heads, library)
    guard takes(product) else { return kernels.addWeightedValuesInSIMD(product) }
    let count = library.plan.valuesAtOnce(rows: rows, dimension: product.dimension)
    for head in 0..<product.heads {
      for keys in blocks(of: 0..<product.keys, length: count) {
        library.multiply(
          MatrixProduct(
            uncheckedM: rows, n: product.dimension, k: keys.count, alpha: 1,
            a: .init(
              product.inputs + head * rows * product.input_stride + keys.lowerBound,
              leadingDimension: product.input_stride),
            b: .init(
              product.cache + keys.lowerBound * product.cache_stride + head * product.dimension,
              leadingDimension: product.cache_stride),
            beta: 1, c: product.result + head * rows * product.result_stride,
            cLeadingDimension: product.result_stride))
      }
    }
  }
}

extension PanelProduct {
  /// Whether the product adds to C. An addend that is C itself is added by the product, not by `finish`.
  fileprivate var adds: Bool { accumulates || addend == UnsafePointer(c) }

  /// Whether BLAS's 32-bit integers can represent the sizes.
  fileprivate var hasBLASSizes: Bool {
    max(m, n, k, a_stride, c_stride) <= Int(Int32.max)
  }
}

extension CacheProduct {
  /// Whether BLAS's 32-bit integers can represent the sizes.
  fileprivate var hasBLASSizes: Bool {
    max(rows, dimension, keys, input_stride, cache_stride, result_stride) <= Int(Int32.max)
  }
}
