/// Scratch memory that is reused from step to step.
struct SamplingScratch {
  /// The processed logits, `[row, vocabulary]`.
  var rows: [Float] = []
  var exponentials: [Float] = []
  var probabilities = TokenProbabilities()
  var marks = TokenMarks()

  mutating func resize(rowCount: Int, vocabularySize: Int) {
    let count = rowCount * vocabularySize
    if rows.count != count { rows = Array(repeating: 0, count: count) }
  }
}
