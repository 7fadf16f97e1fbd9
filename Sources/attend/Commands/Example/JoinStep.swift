import Attention

/// The outputs of the heads, concatenated and projected by W_O.
struct JoinStep: LessonStep {
  let attention: LessonAttention

  func lines() throws -> [String] {
    let count = attention.heads.count
    var table = WordTable(attention.input.words)
    table.column(
      count > 1 ? "heads, concatenated" : "output", .left,
      attention.concatenated.rows.map(LessonText.vector))
    guard let projected = attention.projected, let weight = attention.input.outputWeight else {
      return [
        "The outputs of the \(count) heads, one beside the other: [head 0, …, head \(count - 1)].",
        "   The file has no W_O, so this is the result.", "",
      ] + table.lines
    }
    table.column("y = … W_O", .left, projected.rows.map(LessonText.vector))
    let first =
      count > 1
      ? "The outputs of the \(count) heads are concatenated; W_O mixes them into the result y."
      : "W_O projects the output to the result y."
    return [first, ""] + LessonText.matrices(["W_O": weight]) + [""] + table.lines
  }
}
