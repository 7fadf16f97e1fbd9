/// The tokens of a sequence that is being generated.
struct TokenHistory: Sendable {
  /// All tokens so far.
  var ids: [Int]
  /// The number of tokens before the first new one.
  let startCount: Int
  /// The tokens of the prompt. The prompt of an encoder–decoder is not part of the sequence.
  let prompt: [Int]
  /// The maximum length of the sequence.
  let maxLength: Int

  init(start: [Int], prompt: [Int], maxLength: Int) {
    ids = start
    startCount = start.count
    self.prompt = prompt
    self.maxLength = maxLength
  }

  var newIDs: ArraySlice<Int> { ids[startCount...] }
}
