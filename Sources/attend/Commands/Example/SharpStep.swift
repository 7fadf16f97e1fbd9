import Attention

/// The classic sentence with larger numbers, whose weights differ clearly.
struct SharpStep: LessonStep {
  let head: LessonHead
  let input: LessonInput
  private let options: LessonOptions

  init(options: LessonOptions) throws {
    var options = options
    // The mask would hide "sat" and "mat".
    (options.headCount, options.isCausal) = (1, false)
    let input = try LessonInput.sharpCat()
    head = try LessonAttention(input, options).heads[0]
    self.input = input
    self.options = options
  }

  func lines() throws -> [String] {
    let word = input.words[input.focus]
    var lines = [
      "The weights above are nearly equal, because the scores are small. Trained weights differ more.",
      "   Here the features are being, action and place. W_Q lets \"\(word)\" look for actions and places:",
      "",
    ]
    if let projections = input.projections {
      lines += LessonText.matrices([
        "W_Q": projections.query, "W_K": projections.key, "W_V": projections.value,
      ])
    }
    var table = WordTable(input.words)
    table.column("x", .left, input.projections?.embeddings.rows.map(vector) ?? [])
    table.column("q", .left, input.queries.rows.map(vector))
    table.column("k", .left, input.keys.rows.map(vector))
    table.column("v", .left, input.values.rows.map(vector))
    table.column(
      options.isScaled ? "scaled score" : "score", .right,
      input.words.indices.map { LessonText.score(head.scores[input.focus, $0]) })
    table.column("weight", .right, head.weights.row(input.focus).map { String($0, digits: 4) })
    return lines + [""] + table.lines + ["", "   \(conclusion)"]
  }

  var conclusion: String {
    let word = input.words[input.focus]
    let weights = head.weights.row(input.focus)
    let strongest = weights.indices.sorted { weights[$0] > weights[$1] }.prefix(2).map {
      "\"\(input.words[$0])\" (\(String(100 * weights[$0], digits: 0)) %)"
    }
    return "\"\(word)\" attends most to \(strongest.joined(separator: " and ")). "
      + "Its output is \(LessonText.vector(head.output.row(input.focus)))."
  }

  private func vector(_ components: [Float]) -> String {
    "[\(components.map(LessonText.short).joined(separator: ", "))]"
  }
}
