import Attention

/// X and its projections, or the given queries, keys and values.
struct ProjectionStep: LessonStep {
  let input: LessonInput

  func lines() throws -> [String] {
    var table = WordTable(input.words)
    if let projections = input.projections {
      column(&table, "x", projections.embeddings)
      column(&table, "q = x W_Q", input.queries)
      column(&table, "k = x W_K", input.keys)
      column(&table, "v = x W_V", input.values)
    } else {
      column(&table, "q", input.queries)
      column(&table, "k", input.keys)
      column(&table, "v", input.values)
    }
    return introduction + [""] + matrices + table.lines
  }

  private var introduction: [String] {
    let first =
      input.projections == nil
      ? "Each word has a query q, a key k and a value v: the rows of Q, K and V."
      : "Each word is a vector x. Three matrices turn it into a query, a key and a value."
    return [
      first,
      "   The query says what the word looks for.",
      "   The key says by what other words find the word.",
      "   The value is what the word gives to the words that find it.",
    ]
  }

  private var matrices: [String] {
    guard let projections = input.projections else { return [] }
    return LessonText.matrices([
      "W_Q": projections.query, "W_K": projections.key, "W_V": projections.value,
    ]) + [""]
  }

  private func column(_ table: inout WordTable, _ title: String, _ tensor: Tensor) {
    table.column(title, .left, LessonText.vectors(tensor.rows))
  }
}
