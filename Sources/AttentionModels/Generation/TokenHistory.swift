/// The tokens of a sequence that is being written.
struct TokenHistory: Sendable {
  /// All so far.
  var ids: [Int]
  /// How many of them the sequence began with.
  let startCount: Int
  /// The tokens of the prompt; of an encoder–decoder they are not among the sequence's.
  let prompt: [Int]
  /// How many tokens there may be.
  let maxLength: Int

  init(start: [Int], prompt: [Int], maxLength: Int) {
    ids = start
    startCount = start.count
    self.prompt = prompt
    self.maxLength = maxLength
  }

  /// The new tokens.
  var newIDs: ArraySlice<Int> { ids[startCount...] }

  /// Whether there is no room for another token.
  var isFull: Bool { ids.count >= maxLength }
}
