import Attention

/// Scratch memory that is reused from step to step.
struct SamplingScratch {
  /// The processed logits, `[row, vocabulary]`.
  var rows: [Float] = []
  var exponentials: [Float] = []
  var probabilities = TokenProbabilities()
  var marks = TokenMarks()

  /// - Throws: `AttentionError.memory`.
  mutating func resize(rowCount: Int, vocabularySize: Int) throws {
    let count = rowCount * vocabularySize
    guard rows.count != count else { return }
    // For the logits and their exponentials.
    try requireMemory(count: 2 * count, of: Float.self, purpose: "logits of \(rowCount) sequences")
    rows = Array(repeating: 0, count: count)
  }
}
