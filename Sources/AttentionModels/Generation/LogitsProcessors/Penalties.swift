/// Which token ids have been met, forgotten in no time.
struct TokenMarks: Sendable {
  private var rounds: [UInt32]
  private var round: UInt32 = 0

  init(vocabularySize: Int) { rounds = Array(repeating: 0, count: vocabularySize) }

  /// Forgets all.
  mutating func begin() {
    round &+= 1
    guard round == 0 else { return }
    for index in rounds.indices { rounds[index] = 0 }
    round = 1
  }

  /// Whether `id` is met for the first time; never for one beyond the vocabulary.
  mutating func isFirst(_ id: Int) -> Bool {
    guard rounds.indices.contains(id), rounds[id] != round else { return false }
    rounds[id] = round
    return true
  }
}

/// ℓ / r where ℓ ≥ 0 and ℓ · r where ℓ < 0 for the tokens of the sequence.
///
/// - Complexity: O(tokens of the sequence), whatever the vocabulary.
/// - Source: Keskar et al. 2019.
struct RepetitionPenalty: LogitsProcessor {
  private let penalty: Float
  private var marks: TokenMarks

  init(_ penalty: Float, vocabularySize: Int) {
    self.penalty = penalty
    marks = TokenMarks(vocabularySize: vocabularySize)
  }

  mutating func process(_ row: LogitsRow, after history: TokenHistory) {
    marks.begin()
    for id in history.ids where marks.isFirst(id) {
      row[id] = row[id] < 0 ? row[id] * penalty : row[id] / penalty
    }
  }
}

/// ℓ − f · (how often the token is among the new ones) − p if it is at all.
///
/// - Complexity: O(new tokens), whatever the vocabulary.
/// - Source: OpenAI, the parameters `frequency_penalty` and `presence_penalty`.
struct OccurrencePenalty: LogitsProcessor {
  private let frequency: Float
  private let presence: Float
  private var marks: TokenMarks

  init(frequency: Float, presence: Float, vocabularySize: Int) {
    self.frequency = frequency
    self.presence = presence
    marks = TokenMarks(vocabularySize: vocabularySize)
  }

  mutating func process(_ row: LogitsRow, after history: TokenHistory) {
    marks.begin()
    for id in history.newIDs where row.indices.contains(id) {
      row[id] -= frequency
      if marks.isFirst(id) { row[id] -= presence }
    }
  }
}
