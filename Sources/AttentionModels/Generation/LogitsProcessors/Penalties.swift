/// A set of token ids that is emptied in O(1).
struct TokenMarks: Sendable {
  /// The round in which each id was last inserted.
  private var rounds: [UInt32] = []
  private var round: UInt32 = 0

  /// Empties the set.
  mutating func removeAll(vocabularySize: Int) {
    round &+= 1
    guard round == 0 || rounds.count != vocabularySize else { return }
    rounds = Array(repeating: 0, count: vocabularySize)
    round = 1
  }

  /// Inserts an id; returns false if the set already has the id, or if it is outside the vocabulary.
  mutating func insert(_ id: Int) -> Bool {
    guard rounds.indices.contains(id), rounds[id] != round else { return false }
    rounds[id] = round
    return true
  }
}

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
