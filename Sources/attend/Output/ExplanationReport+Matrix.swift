import Attention
import AttentionModels

extension ExplanationReport {
  /// The largest number of columns with a number in each cell.
  private static let numberLimit = 20
  /// The most letters of a column's head.
  private static let headHeight = 10

  /// The attention weights of one head, or their mean over the heads of a layer: a row for each query token, a column
  /// for each key token.
  func matrix() throws -> [String] {
    guard let layer else { return [] }
    let weights = try map.weights(layer: layer, head: head)
    let keyCount = map.keys.count
    let hasNumbers = keyCount <= Self.numberLimit
    let labels = (0..<map.queries.count).map {
      "\($0) \(printable(map.queries.spelling(of: $0..<$0 + 1), limit: 30))"
    }
    let width = labels.map(displayWidth).max() ?? 0
    let cellWidth = hasNumbers ? 4 : 2

    var lines = [
      heading,
      "Layer \(layer), "
        + (head.map { "head \($0)" } ?? "mean over its \(map.headCount) heads")
        + ": attention from row to column"
        + (hasNumbers ? ", in percent (· is below 0.5)" : "; --format json has the numbers"),
    ]
    if head != nil {
      let (rows, columns) = (weights.shape[0], weights.shape[1])
      let most = min(rows, columns)
      lines.append(
        "Effective rank \(String(try weights.matrix().effectiveRank(), digits: 1)) of \(most): "
          + "1 if all rows are equal, \(most) if all singular values are equal")
    }
    // Columns that do not fit the terminal go below, so that no row wraps.
    let band = max(1, columns.map { ($0 - width - 2) / cellWidth } ?? max(keyCount, 1))
    for start in stride(from: 0, to: keyCount, by: band) {
      let keys = start..<min(start + band, keyCount)
      lines.append("")
      if keys.count < keyCount {
        lines.append("  columns \(keys.lowerBound) to \(keys.upperBound - 1)")
      }
      lines += heads(of: keys, indent: width + 2, cellWidth: cellWidth)
      for query in labels.indices {
        let label = labels[query]
        let cells = keys.map { key in
          cell(weights[query, key], hasNumber: hasNumbers, width: cellWidth)
        }
        lines.append(
          "  " + label + String(repeating: " ", count: width - displayWidth(label))
            + cells.joined())
      }
    }
    return lines
  }

  private func cell(_ weight: Float, hasNumber: Bool, width: Int) -> String {
    let percent = Int((weight * 100).rounded())
    let number = percent == 0 ? "·" : "\(percent)"
    return HeatScale.current.cell(weight, hasNumber ? number : "", width: width)
  }

  /// The tokens of the columns, from top to bottom.
  private func heads(of keys: Range<Int>, indent: Int, cellWidth: Int) -> [String] {
    let names = keys.map {
      Array(printable(map.keys.spelling(of: $0..<$0 + 1), limit: Self.headHeight))
    }
    let height = names.map(\.count).max() ?? 0
    return (0..<height).map { line in
      let letters = names.map { name in
        // The heads end above the matrix.
        let index = line - (height - name.count)
        return padded(index >= 0 ? String(name[index]) : "", to: cellWidth)
      }
      return String(repeating: " ", count: indent) + letters.joined()
    }
  }
}
