extension PanelMatrix {
  /// Fills all panels, using the threads of the current scope.
  func fill(from layout: WeightLayout, _ read: WeightReading) throws {
    let (n, k, width) = (columnCount, rowCount, PanelProduct.width)
    guard n > 0 else { return }
    let panelCount = (n - 1) / width + 1
    let isConverted = format.row.fromFloats != nil
    let compute = Compute.current
    let (kernels, threads) = (compute.backend.kernels, compute.threadCount)
    let least = (panelCount - 1) / max(1, Tuning.Packing.scalarsAtOnce / max(1, k * width)) + 1
    let parts = min(panelCount, (least + threads - 1) / threads * threads)
    try Workers.forEach(count: parts, threads: threads) { part in
      let panels = panelCount * part / parts..<panelCount * (part + 1) / parts
      let columns = panels.lowerBound * width..<min(n, panels.upperBound * width)
      try Scratch.withFloats(count: (columns.count + width) * k) { room in
        let packed = room + columns.count * k
        switch layout {
        case .outputInput: try read(columns, 0..<k, room)
        case .inputOutput: try read(0..<k, columns, room)
        }
        for panel in panels {
          let first = (panel - panels.lowerBound) * width
          let count = min(width, columns.count - first)
          let (elements, scales) = memory(ofPanel: panel)
          let target = isConverted ? packed : elements.assumingMemoryBound(to: Float.self)
          switch layout {
          case .outputInput:
            kernels.packColumns(
              room + first * k, stride: k, n: count, k: k, width: width, into: target)
          case .inputOutput:
            kernels.packRows(
              room + first, stride: columns.count, n: count, k: k, width: width, into: target)
          }
          if isConverted { try convert(packed, into: elements, scales, kernels) }
        }
      }
    }
  }

  /// Converts a panel of float32 to the format of this matrix.
  private func convert(
    _ panel: UnsafePointer<Float>, into elements: UnsafeMutableRawPointer,
    _ scales: UnsafeMutablePointer<Float>?, _ kernels: any Kernels
  ) throws {
    let conversion = PanelConversion(
      floats: panel, rowCount: rowCount, elements: elements, scales: scales,
      blockLength: format.blockLength(inputSize: rowCount))
    guard !kernels.store(conversion, as: format) else { return }
    let value = conversion.all.first { !format.row.holds($0) } ?? .nan
    throw AttentionError.argument(
      "weight",
      reason: value.isFinite
        ? "\(value) is beyond the range of \(format)" : "\(value) cannot be stored as \(format)")
  }
}
