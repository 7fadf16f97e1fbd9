/// Some rows of activations, which a chain of layers takes through all its steps while they are in the
/// cache: outside attention, every token is computed by itself.
struct RowBlock {
  let rows: Range<Int>
  let loops: any VectorLoops
  /// Who may share the work of one product: 1 where blocks are shared out instead.
  private let threads: Int
  private let inputs: LayerInputs

  /// Calls `body` for blocks that make up `rowCount` rows; the threads of the scope share the blocks, or,
  /// where there are too few rows for that, the columns of each product.
  static func forEach(
    of rowCount: Int, _ body: @Sendable (RowBlock) throws -> Void
  ) throws {
    let compute = Compute.current
    let (loops, threads) = (compute.backend.kernels.loops, compute.threadCount)
    // A block's rows and what lies between two layers stay in the second-level cache.
    let largest = max(1, 112 / loops.tileRows) * loops.tileRows
    if threads > 1, rowCount < 2 * threads * loops.tileRows {
      return try body(
        RowBlock(rows: 0..<rowCount, loops: loops, threads: threads, inputs: compute.layerInputs))
    }
    let least = (rowCount + largest - 1) / largest
    let count = max(1, (least + threads - 1) / threads * threads)
    try Workers.forEach(count: rowCount == 0 ? 0 : count, threads: threads) { index in
      let rows = rowCount * index / count..<rowCount * (index + 1) / count
      try body(RowBlock(rows: rows, loops: loops, threads: 1, inputs: compute.layerInputs))
    }
  }

  /// Computes products of this block's rows that do not depend on one another.
  func multiply(_ products: [PanelProduct]) throws {
    guard inputs == .rounded, products.contains(where: { $0.format.roundsInputs }) else {
      return try share(products)
    }
    let count = products.reduce(0) { $0 + loops.roundedScalarCount($1) }
    try Scratch.withFloats(count: count) { room in
      try share(rounded(products, into: room))
    }
  }

  /// The products with inputs rounded, those that several share once.
  private func rounded(
    _ products: [PanelProduct], into room: UnsafeMutablePointer<Float>
  ) -> [PanelProduct] {
    var (rounded, room) = (products, room)
    for (index, product) in products.enumerated() where product.format.roundsInputs {
      if let same = products[..<index].firstIndex(where: { $0.roundsSameInputs(as: product) }) {
        rounded[index].a = rounded[same].a
        rounded[index].aStride = rounded[same].aStride
        rounded[index].rounded = rounded[same].rounded
      } else {
        loops.roundInputs(of: &rounded[index], into: room)
        room += loops.roundedScalarCount(product)
      }
    }
    return rounded
  }

  /// Computes products; the threads share the work.
  private func share(_ products: [PanelProduct]) throws {
    nonisolated(unsafe) let products = products
    guard threads > 1 else {
      for product in products { loops.multiply(product) }
      return
    }
    // Runs of panels, each a stream of memory: long ones first, then ever shorter ones, so that all
    // threads end together.
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
    let (shared, loops) = (parts, loops)
    try Workers.forEach(count: shared.count, threads: threads) { index in
      let part = shared[index]
      loops.multiply(products[part.product].part(panels: part.panels))
    }
  }
}
