/// Which way a layer's weights lie in a file or a tensor.
package enum WeightLayout: Sendable {
  /// `[output feature, input feature]`, as in PyTorch's `Linear`.
  case outputInput
  /// `[input feature, output feature]`, as in GPT-2's `Conv1D`.
  case inputOutput
}

/// Writes some rows and columns of a stored matrix, as they lie, one row after the other.
package typealias WeightReading =
  @Sendable (
    _ rows: Range<Int>, _ columns: Range<Int>, _ target: UnsafeMutablePointer<Float>
  ) throws -> Void

extension PanelMatrix {
  /// Scalars that a thread reads at a time, so that they are still in the cache when they are packed.
  private static let scalarsAtOnce = 1 << 18

  /// Fills all panels; the threads of the scope share the work.
  func fill(from layout: WeightLayout, _ read: WeightReading) throws {
    let (n, k, width) = (columnCount, rowCount, PanelProduct.width)
    guard n > 0 else { return }
    let panelCount = (n - 1) / width + 1
    let compute = Compute.current
    let (loops, threads) = (compute.backend.kernels.loops, compute.threadCount)
    let least = (panelCount - 1) / max(1, Self.scalarsAtOnce / max(1, k * width)) + 1
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
          let target =
            format == .float32 ? elements.assumingMemoryBound(to: Float.self) : packed
          switch layout {
          case .outputInput:
            loops.packColumns(room + first * k, stride: k, n: count, k: k, into: target)
          case .inputOutput:
            loops.packRows(room + first, stride: columns.count, n: count, k: k, into: target)
          }
          try narrow(packed, into: elements, scales, loops)
        }
      }
    }
  }

  /// Keeps a panel of Float32 in this matrix's format.
  private func narrow(
    _ panel: UnsafePointer<Float>, into elements: UnsafeMutableRawPointer,
    _ scales: UnsafeMutablePointer<Float>?, _ loops: any VectorLoops
  ) throws {
    let width = PanelProduct.width
    let all = UnsafeBufferPointer(start: panel, count: rowCount * width)
    switch format {
    case .float32: break
    case .bfloat16:
      let bits = elements.bindMemory(to: UInt16.self, capacity: all.count)
      guard loops.convertToBFloat16(all, into: bits) else {
        throw overflow(in: all) {
          HalfPrecision.float(fromBFloat16: HalfPrecision.bfloat16(from: $0))
        }
      }
    case .float16:
      let bits = elements.bindMemory(to: UInt16.self, capacity: all.count)
      guard loops.convertToFloat16(all, into: bits) else {
        throw overflow(in: all) {
          HalfPrecision.float(fromFloat16: HalfPrecision.float16(from: $0))
        }
      }
    case .int8, .int8Groups:
      guard loops.isFinite(all) else {
        let value = all.first { !$0.isFinite } ?? .nan
        throw AttentionError.argument("weight", reason: "\(value) cannot be kept as \(format)")
      }
      guard let scales, let length = format.groupLength(inputSize: rowCount) else { return }
      let whole = elements.bindMemory(to: Int8.self, capacity: all.count)
      for group in 0..<format.groupCount(inputSize: rowCount) {
        let start = group * length
        loops.quantize(
          panel + start * width, rowCount: min(length, rowCount - start),
          scales: scales + group * width, into: whole + start * width)
      }
    }
  }

  /// The error for a number that becomes infinite in this format.
  private func overflow(
    in panel: UnsafeBufferPointer<Float>, _ kept: (Float) -> Float
  ) -> AttentionError {
    let value = panel.first { $0.isFinite && kept($0).isInfinite } ?? .infinity
    return .argument("weight", reason: "\(value) is beyond the range of \(format)")
  }
}
