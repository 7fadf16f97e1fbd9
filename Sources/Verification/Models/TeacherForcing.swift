import Attention
import AttentionModels

/// The logits of given texts: of whole sequences at once, and step by step.
struct TeacherForcing: Sendable {
  let model: any LanguageModel
  let prompts: [[Int]]
  /// The tokens that follow each prompt.
  let texts: [[Int]]

  /// The tokens before each text: the prompt of a decoder, the start token of an encoder–decoder.
  private func begin() throws -> (state: DecodingState, starts: [[Int]]) {
    let (state, tokens) = try model.begin(PackedTokens(prompts))
    var (starts, first) = ([[Int]](), 0)
    for length in tokens.lengths {
      starts.append(Array(tokens.ids[first..<first + length]))
      first += length
    }
    return (state, starts)
  }

  /// The logits after every token, `[token, vocabulary]`: all sequences at once.
  func whole() throws -> Tensor {
    var (state, starts) = try begin()
    return try model.logits(
      of: PackedTokens(zip(starts, texts).map { $0 + $1 }), state: &state, rows: .all)
  }

  /// The same logits: the first tokens at once, then one token of each sequence at a time.
  func steps() throws -> Tensor {
    var (state, starts) = try begin()
    let size = model.vocabularySize
    var rows = Array(repeating: [Float](), count: starts.count)
    func append(_ tokens: [[Int]]) throws {
      let logits = try model.logits(of: PackedTokens(tokens), state: &state, rows: .all).scalars
      var first = 0
      for (index, tokens) in tokens.enumerated() {
        rows[index] += logits[first * size..<(first + tokens.count) * size]
        first += tokens.count
      }
    }
    try append(starts)
    for step in 0..<(texts.map(\.count).max() ?? 0) {
      try append(texts.map { step < $0.count ? [$0[step]] : [] })
    }
    let scalars = rows.flatMap { $0 }
    return try Tensor(shape: [scalars.count / size, size], scalars: scalars)
  }

  /// The row of `whole()` after the first `count` tokens of a text.
  func row(of index: Int, after count: Int) throws -> Int {
    let starts = try begin().starts
    let before = (0..<index).reduce(0) { $0 + starts[$1].count + texts[$1].count }
    return before + starts[index].count - 1 + count
  }
}
