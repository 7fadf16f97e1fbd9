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
