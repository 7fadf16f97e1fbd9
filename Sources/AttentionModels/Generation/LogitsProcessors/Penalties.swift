/// ℓ / r where ℓ ≥ 0 and ℓ · r where ℓ < 0 for the tokens of the sequence.
///
/// - Complexity: O(tokens of the sequence), independent of the vocabulary size.
/// - Source: Keskar et al. 2019.
struct RepetitionPenalty: LogitsProcessor {
  /// r.
  let penalty: Float

  func process(_ row: LogitsRow, after history: TokenHistory, marks: inout TokenMarks) {
    marks.removeAll(vocabularySize: row.count)
    for id in history.ids where marks.insert(id) {
      row[id] = row[id] < 0 ? row[id] * penalty : row[id] / penalty
    }
  }
}

/// ℓ − f · (occurrences among the new tokens) − p for the tokens that occur among them.
///
/// - Complexity: O(new tokens), independent of the vocabulary size.
/// - Source: OpenAI, the parameters `frequency_penalty` and `presence_penalty`.
struct OccurrencePenalty: LogitsProcessor {
  /// f.
  let frequency: Float
  /// p.
  let presence: Float

  func process(_ row: LogitsRow, after history: TokenHistory, marks: inout TokenMarks) {
    marks.removeAll(vocabularySize: row.count)
    for id in history.newIDs where row.indices.contains(id) {
      row[id] -= frequency
      if marks.insert(id) { row[id] -= presence }
    }
  }
}
