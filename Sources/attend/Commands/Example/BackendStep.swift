import Attention

/// The output in one call, by the attention operator of each backend.
struct BackendStep: LessonStep {
  /// The number of components of the output to show.
  private static let shownCount = 3

  let attention: LessonAttention

  func lines() throws -> [String] {
    let focus = attention.input.focus
    let reference = try attention.outputAtOnce(on: .reference)
    var table = Table([.left, .left, .left])
    table.row(
      "", "output of \"\(LessonText.word(attention.input.words[focus]))\"",
      "largest difference from reference, all words")
    for backend in Backend.all {
      let output = try attention.outputAtOnce(on: backend)
      let distance = zip(output.scalars, reference.scalars).map { abs($0 - $1) }.max() ?? 0
      let row = output.row(focus)
      let components =
        row.prefix(Self.shownCount).map { String($0, digits: 7) }
        + (row.count > Self.shownCount ? ["…"] : [])
      table.row(backend.name, "[\(components.joined(separator: ", "))]", "\(distance)")
    }
    let scaled = attention.options.isScaled ? "QKᵀ/√dk" : "QKᵀ"
    let product = "softmax(\(scaled)\(attention.options.isCausal ? ", masked" : ""))V"
    let projection = attention.projected == nil ? "" : ", and W_O"
    return [
      "\(product) in one call\(projection), by each backend.",
      "   The reference backend computes in double precision.", "",
    ] + table.lines
  }
}
