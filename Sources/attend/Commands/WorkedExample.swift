import Attention

/// An example of self-attention that is small enough to check by hand.
struct WorkedExample {
  let words: [String]
  /// X, `[word, 2]`.
  let embeddings: [[Float]]
  let queryWeight: [[Float]]
  let keyWeight: [[Float]]
  let valueWeight: [[Float]]
  /// The index of the word whose attention is shown in detail.
  let focus: Int

  /// The embeddings of "The" and "cat" are the first and the second unit vector, so their queries, keys and
  /// values are rows of the matrices: the key of "The" is the first row of WK.
  static let theCat = WorkedExample(
    words: ["The", "cat", "sat", "on", "the", "mat", "."],
    embeddings: [
      [1, 0], [0, 1], [0.6, 0.8], [0.8, 0.2], [1, 0], [0.1, 0.9], [0.3, 0.3],
    ],
    queryWeight: [[0.1, 0.3], [0.2, 0.1]],
    keyWeight: [[0.3, 0.4], [0.7, 0.2]],
    valueWeight: [[0.5, 0.6], [0.1, 0.9]],
    focus: 1)

  func lines() throws -> [String] {
    let x = try Tensor(rows: embeddings)
    let queries = try matrixProduct(x.matrix(), Tensor(rows: queryWeight).matrix())
    let keys = try matrixProduct(x.matrix(), Tensor(rows: keyWeight).matrix())
    let values = try matrixProduct(x.matrix(), Tensor(rows: valueWeight).matrix())
    let scores = try attentionScores(
      queries: queries.matrix(), keys: keys.matrix(), scale: 1)
    let scaled = try attentionScores(queries: queries.matrix(), keys: keys.matrix())
    let weights = try softmax(scaled)
    let output = try weightedSum(of: values.matrix(), weights: weights)

    return try projections(x, queries, keys, values)
      + focused(scores, scaled, weights, values, output)
      + everyWord(weights, output)
      + agreement(queries, keys, values)
  }

  // MARK: - The steps

  private func projections(
    _ x: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor
  ) throws -> [String] {
    var table = Table([.left, .left, .left, .left, .left])
    table.row("", "x", "q = x WQ", "k = x WK", "v = x WV")
    for (index, word) in words.enumerated() {
      table.row(
        try [word] + [x, q, k, v].map { try vector($0, index) })
    }
    return [
      "Self-attention for \"The cat sat on the mat.\"", "",
      "1. Each word is a vector x. Three matrices turn it into a query, a key and a value.", "",
      "     WQ = \(matrix(queryWeight))   WK = \(matrix(keyWeight))   WV = \(matrix(valueWeight))",
      "",
    ] + table.lines + [""]
  }

  private func focused(
    _ scores: Tensor, _ scaled: Tensor, _ weights: Tensor, _ values: Tensor, _ output: Tensor
  ) throws -> [String] {
    var table = Table([.left, .right, .right, .right, .right, .left])
    table.row("", "score", "scaled", "e^scaled", "weight", "weight · v")
    var (exponentials, sum) = (0.0, Float(0))
    for (index, word) in words.enumerated() {
      let weight = weights[focus, index]
      let product = (0..<2).map { weight * values[index, $0] }
      // Computed from the definition: deriving it from the weights would hide an error in the weights.
      let exponential = exponential(Double(scaled[focus, index]))
      exponentials += exponential
      sum += weight
      table.row(
        word, String(scores[focus, index], digits: 4),
        String(scaled[focus, index], digits: 4), String(exponential, digits: 4),
        String(weight, digits: 4), text(product))
    }
    table.row(
      "sum", "", "", String(exponentials, digits: 4), String(sum, digits: 4),
      try vector(output, focus))
    let word = words[focus]
    return [
      "2. The score of the query of \"\(word)\" and a key is q·k; for \"The\": "
        + "0.2 · 0.3 + 0.1 · 0.4 = \(String(scores[focus, 0], digits: 1)).",
      "   Scores are scaled by 1/√dk = 1/√2; softmax turns them into weights that sum to 1;",
      "   the weighted sum of the values is the output for \"\(word)\".", "",
    ] + table.lines + [""]
  }

  private func everyWord(_ weights: Tensor, _ output: Tensor) throws -> [String] {
    var table = Table(
      [.left] + Array(repeating: .right, count: words.count) + [.right, .left])
    table.row([""] + words + ["sum", "output"])
    for (query, word) in words.enumerated() {
      let row = words.indices.map { weights[query, $0] }
      table.row(
        [word] + row.map { String($0, digits: 4) }
          + [String(row.reduce(0, +), digits: 4), try vector(output, query)])
    }
    return ["3. The same for every word: softmax(QKᵀ/√2), and its product with V.", ""]
      + table.lines + [""]
  }

  /// The same result by the attention operator of each backend.
  private func agreement(_ q: Tensor, _ k: Tensor, _ v: Tensor) throws -> [String] {
    let shape: Shape = [words.count, 1, 2]
    let (q, k, v) = (
      try q.reshaped(to: shape), try k.reshaped(to: shape), try v.reshaped(to: shape)
    )
    let reference = try attention(queries: q, keys: k, values: v, on: .reference)
    var table = Table([.left, .left, .left])
    table.row("", "output of \"\(words[focus])\"", "largest difference from reference, all words")
    for backend in Backend.all {
      let output = try attention(queries: q, keys: k, values: v, on: backend)
      let distance = zip(output.scalars, reference.scalars).map { abs($0 - $1) }.max() ?? 0
      let components = (0..<2).map { String(output[focus, 0, $0], digits: 7) }
      table.row(
        backend.name, "[\(components.joined(separator: ", "))]", "\(distance)")
    }
    return [
      "4. softmax(QKᵀ/√dk)V in one call, by each backend; reference computes in double precision.",
      "",
    ] + table.lines
  }

  // MARK: - Numbers as text

  /// e^x by its power series, which converges fast for these small scores.
  private func exponential(_ x: Double) -> Double {
    (1...20).reversed().reduce(1) { 1 + $0 * x / Double($1) }
  }

  private func vector(_ tensor: Tensor, _ row: Int) throws -> String {
    text((0..<2).map { tensor[row, $0] })
  }

  private func text(_ components: [Float]) -> String {
    "[\(components.map { String($0, digits: 4) }.joined(separator: ", "))]"
  }

  private func matrix(_ rows: [[Float]]) -> String {
    let rows = rows.map { row in row.map { String($0, digits: 1) }.joined(separator: " ") }
    return "[\(rows.joined(separator: "; "))]"
  }
}
