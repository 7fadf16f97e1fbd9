import Attention

/// The attention of one word in the first head, number by number.
struct FocusStep: LessonStep {
  private let head: LessonHead
  private let words: [String]
  private let focus: Int
  private let options: LessonOptions

  init(attention: LessonAttention) {
    head = attention.heads[0]
    words = attention.input.words
    focus = attention.input.focus
    options = attention.options
  }

  func lines() throws -> [String] { introduction + [""] + table }

  private var dimension: Int { head.keys.columnCount }

  private var introduction: [String] {
    let place = options.headCount > 1 ? "In head 0, the" : "The"
    let terms = (0..<dimension).map {
      "\(LessonText.factor(head.queries[focus, $0])) · \(LessonText.factor(head.keys[0, $0]))"
    }
    let score = LessonText.short(head.products[focus, 0])
    let word = "\"\(LessonText.word(words[focus]))\""
    var lines = [
      "\(place) score of the query of \(word) and a key is q·k; for \"\(LessonText.word(words[0]))\":"
    ]
    let sum = "\(terms.joined(separator: " + ")) = \(score)."
    if lines[0].count + sum.count < LessonText.columns - 3 {
      lines[0] += " \(sum)"
    } else {
      lines.append("   \(sum)")
    }
    if options.isScaled {
      lines.append(
        "   Scores are scaled by 1/√dk = 1/√\(dimension); softmax turns them into weights that sum to 1;"
      )
    } else {
      lines.append("   Scores are not scaled; softmax turns them into weights that sum to 1;")
    }
    lines.append("   the weighted sum of the values is the output for \(word).")
    if options.isCausal {
      lines.append(
        "   The causal mask hides later words: their scores are -∞, and their weights are 0.")
    }
    return lines
  }

  private var table: [String] {
    let keys = words.indices
    let scores = keys.map { head.scores[focus, $0] }
    let weights = keys.map { head.weights[focus, $0] }
    let row = head.row(focus)
    let argument = options.isScaled ? "scaled" : options.isCausal ? "masked" : "score"

    var table = WordTable(words + ["sum"])
    table.column("score", .right, keys.map { LessonText.score(head.products[focus, $0]) })
    if argument != "score" { table.column(argument, .right, scores.map { LessonText.score($0) }) }
    table.column(
      row.shift == 0 ? "e^\(argument)" : "e^(\(argument) - max)", .right,
      (row.exponentials + [row.sum]).map { String($0, digits: 4) })
    table.column(
      "weight", .right, (weights + [weights.reduce(0, +)]).map { String($0, digits: 4) })
    table.column(
      "weight · v", .left, (row.weightedValues + [head.output.row(focus)]).map(LessonText.vector))
    return table.lines
  }
}
