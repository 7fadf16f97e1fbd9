import Attention

/// The output in one call, by the attention operator of each backend.
struct BackendStep: LessonStep {
  /// The number of components of the output to show.
  private static let shownCount = 3
  private static let precision = "   The reference backend computes in double precision."

  struct Result {
    let backend: Backend
    let output: Tensor
    /// The largest difference from the reference backend, over all words.
    let distance: Float

    /// The first components of the output of a word.
    func components(ofWord word: Int) -> [String] {
      let row = output.row(word)
      return row.prefix(BackendStep.shownCount).map { String($0, digits: 7) }
        + (row.count > BackendStep.shownCount ? ["…"] : [])
    }
  }

  let attention: LessonAttention

  func lines() throws -> [String] {
    let focus = attention.input.focus
    var table = Table([.left, .left, .left])
    table.row(
      "", "output of \"\(LessonText.word(attention.input.words[focus]))\"",
      "largest difference from reference, all words")
    for result in try results() {
      let components = result.components(ofWord: focus).joined(separator: ", ")
      table.row(result.backend.name, "[\(components)]", "\(result.distance)")
    }
    return ["\(product) in one call\(projection), by each backend.", Self.precision, ""]
      + table.lines
  }

  /// The formula of the output: `softmax(QKᵀ/√dk)V`.
  var product: String {
    let scaled = attention.options.isScaled ? "QKᵀ/√dk" : "QKᵀ"
    return "softmax(\(scaled)\(attention.options.isCausal ? ", masked" : ""))V"
  }

  private var projection: String { attention.projected == nil ? "" : ", and W_O" }

  /// The output of each backend.
  func results() throws -> [Result] {
    let reference = try attention.outputAtOnce(on: .reference)
    return try Backend.all.map { backend in
      let output = try attention.outputAtOnce(on: backend)
      return Result(
        backend: backend, output: output,
        distance: zip(output.scalars, reference.scalars).map { abs($0 - $1) }.max() ?? 0)
    }
  }
}
