import Attention

/// Self-attention small enough to check by hand.
struct WorkedExample {
  let words: [String]
  /// X, `[word, 2]`.
  let embeddings: [[Float]]
  let queryWeight: [[Float]]
  let keyWeight: [[Float]]
  let valueWeight: [[Float]]
  /// The word whose attention is followed.
  let focus: Int

  /// "The" is the first unit vector and "cat" the second, so that their queries, keys and values can
  /// be read off the matrices: the key of "The" is the first row of WK.
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
      "1. Every word is a vector x, and three matrices make a query, a key and a value of it.", "",
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
      let weight = try weights[focus, index]
      let product = try (0..<2).map { weight * (try values[index, $0]) }
      // e^scaled from the weights would hide a mistake in them; this is the definition.
      let exponential = exponential(Double(try scaled[focus, index]))
      exponentials += exponential
      sum += weight
      table.row(
        word, String(try scores[focus, index], digits: 4),
        String(try scaled[focus, index], digits: 4), String(exponential, digits: 4),
        String(weight, digits: 4), text(product))
    }
    table.row(
      "sum", "", "", String(exponentials, digits: 4), String(sum, digits: 4),
      try vector(output, focus))
    let word = words[focus]
    return [
      "2. The query of \"\(word)\" meets every key: score = q·k, so with \"The\" "
        + "0.2 · 0.3 + 0.1 · 0.4 = \(String(try scores[focus, 0], digits: 1)).",
      "   Scores are scaled by 1/√dk = 1/√2, softmax makes them weights that sum to 1,",
      "   and the weighted sum of the values is what \"\(word)\" becomes.", "",
    ] + table.lines + [""]
  }

  private func everyWord(_ weights: Tensor, _ output: Tensor) throws -> [String] {
    var table = Table(
      [.left] + Array(repeating: .right, count: words.count) + [.right, .left])
    table.row([""] + words + ["sum", "output"])
    for (query, word) in words.enumerated() {
      let row = try words.indices.map { try weights[query, $0] }
      table.row(
        [word] + row.map { String($0, digits: 4) }
          + [String(row.reduce(0, +), digits: 4), try vector(output, query)])
    }
    return ["3. The same for every word: softmax(QKᵀ/√2), and times V.", ""] + table.lines + [""]
  }

  /// The result again, by every backend's own operator.
  private func agreement(_ q: Tensor, _ k: Tensor, _ v: Tensor) throws -> [String] {
    let shape: Shape = [words.count, 1, 2]
    let (q, k, v) = (
      try q.reshaped(to: shape), try k.reshaped(to: shape), try v.reshaped(to: shape)
    )
    let reference = try attention(queries: q, keys: k, values: v, on: .reference)
    var table = Table([.left, .left, .left])
    table.row("", "output of \"\(words[focus])\"", "furthest from the reference, all words")
    for backend in Backend.all {
      let output = try attention(queries: q, keys: k, values: v, on: backend)
      let distance = zip(output.scalars, reference.scalars).map { abs($0 - $1) }.max() ?? 0
      let components = try (0..<2).map { String(try output[focus, 0, $0], digits: 7) }
      table.row(
        backend.name, "[\(components.joined(separator: ", "))]", "\(distance)")
    }
    return [
      "4. The operator softmax(QKᵀ/√dk)V in one call, by each backend and by the Double reference.",
      "",
    ] + table.lines
  }

  // MARK: - Numbers as text

  /// e^x by its power series: the scores here are small.
  private func exponential(_ x: Double) -> Double {
    (1...20).reversed().reduce(1) { 1 + $0 * x / Double($1) }
  }

  private func vector(_ tensor: Tensor, _ row: Int) throws -> String {
    text(try (0..<2).map { try tensor[row, $0] })
  }

  private func text(_ components: [Float]) -> String {
    "[\(components.map { String($0, digits: 4) }.joined(separator: ", "))]"
  }

  private func matrix(_ rows: [[Float]]) -> String {
    let rows = rows.map { row in row.map { String($0, digits: 1) }.joined(separator: " ") }
    return "[\(rows.joined(separator: "; "))]"
  }
}
