/// A block of rows of activations. A chain of layers computes all its steps on one block before the
/// next, so that the block stays in the cache. Outside of attention, tokens do not depend on each
/// other.
struct RowBlock {
  let rows: Range<Int>
  let kernels: any Kernels
  /// The number of threads that share one product; 1 if the threads share the blocks instead.
  private let threads: Int
  private let inputs: LayerInputs
  private let isReproducible: Bool

  /// Calls `body` for consecutive blocks that cover `rowCount` rows. The threads of the current scope
  /// share the blocks or, if there are too few rows, the columns of each product.
  static func forEach(
    of rowCount: Int, _ body: @Sendable (RowBlock) throws -> Void
  ) throws {
    let compute = Compute.current
    let (kernels, threads) = (compute.backend.kernels, compute.threadCount)
    let largest = max(1, Tuning.rowBlock / kernels.tileRows) * kernels.tileRows
    if threads > 1, rowCount < 2 * threads * kernels.tileRows {
      return try body(RowBlock(rows: 0..<rowCount, threads: threads, compute))
    }
    let least = (rowCount + largest - 1) / largest
    let count = max(1, (least + threads - 1) / threads * threads)
    try Workers.forEach(count: rowCount == 0 ? 0 : count, threads: threads) { index in
      let rows = rowCount * index / count..<rowCount * (index + 1) / count
      try body(RowBlock(rows: rows, threads: 1, compute))
    }
  }

  /// One block of all rows. The threads of the current scope share the columns of each product.
  static func all(of rowCount: Int) -> RowBlock {
    let compute = Compute.current
    return RowBlock(rows: 0..<rowCount, threads: compute.threadCount, compute)
  }

  private init(rows: Range<Int>, threads: Int, _ compute: Compute) {
    self.rows = rows
    self.threads = threads
    kernels = compute.backend.kernels
    inputs = compute.layerInputs
    isReproducible = compute.isReproducible
  }

  /// Computes independent products of this block's rows.
  func multiply(_ products: [PanelProduct]) throws {
    var products = products
    for index in products.indices { products[index].reproducible = isReproducible }
    guard inputs == .rounded, products.contains(where: { $0.formatRow.inputs != nil }) else {
      return try share(products)
    }
    let count = products.reduce(0) { $0 + kernels.quantizedFloatCount($1) }
    try Scratch.withFloats(count: count) { room in
      try share(quantized(products, into: room))
    }
  }

  /// The products with quantized inputs. Inputs that several products share are quantized only once.
  private func quantized(
    _ products: [PanelProduct], into room: UnsafeMutablePointer<Float>
  ) -> [PanelProduct] {
    var (quantized, room) = (products, room)
    for (index, product) in products.enumerated() where product.formatRow.inputs != nil {
      if let same = products[..<index].firstIndex(where: { $0.quantizesSameInputs(as: product) }) {
        quantized[index].a = quantized[same].a
        quantized[index].a_stride = quantized[same].a_stride
        quantized[index].quantized = quantized[same].quantized
      } else {
        kernels.quantizeInputs(of: &quantized[index], into: room)
        room += kernels.quantizedFloatCount(product)
      }
    }
    return quantized
  }

  /// Computes a product a few panels at a time, and checks for cancellation in between.
  private func compute(_ product: PanelProduct) throws {
    for panels in blocks(of: 0..<product.panelCount, length: Tuning.panelsBetweenChecks) {
      try Cancellation.check()
      kernels.multiply(product.part(panels: panels))
    }
  }

  /// Computes the products on all threads of the block.
  private func share(_ products: [PanelProduct]) throws {
    nonisolated(unsafe) let products = products
    guard threads > 1 else {
      for product in products { try compute(product) }
      return
    }
    // Ranges of panels, each contiguous in memory: long ranges first, then shorter and shorter ones,
    // so that all threads finish at about the same time.
    var parts: [(product: Int, panels: Range<Int>)] = []
    var rest = products.reduce(0) { $0 + $1.panelCount }
    for (index, product) in products.enumerated() {
      var next = 0
      while next < product.panelCount {
        let length = min((rest + 2 * threads - 1) / (2 * threads), product.panelCount - next)
        parts.append((index, next..<next + length))
        next += length
        rest -= length
      }
    }
    let shared = parts
    try Workers.forEach(count: shared.count, threads: threads) { index in
      let part = shared[index]
      try compute(products[part.product].part(panels: part.panels))
    }
  }
}
