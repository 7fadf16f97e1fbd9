/// ℓ = −∞ for the last token of each banned sequence whose other tokens are at the end of the text.
struct BannedSequences: LogitsProcessor {
  private let sequences: [[Int]]

  init(_ sequences: [[Int]]) { self.sequences = sequences }

  func process(_ row: LogitsRow, after history: TokenHistory, marks: inout TokenMarks) {
    for sequence in sequences {
      guard let last = sequence.last, row.indices.contains(last),
        sequence.count <= history.ids.count + 1,
        history.ids.suffix(sequence.count - 1).elementsEqual(sequence.dropLast())
      else { continue }
      row[last] = -.infinity
    }
  }
}

/// ℓ = −∞ for EOS tokens while a sequence is shorter than the minimum.
struct MinLength: LogitsProcessor {
  private let eosTokens: [Int]
  private let length: Int
  private let newTokens: Int

  init(_ options: GenerationOptions) {
    eosTokens = options.allEOSTokens
    length = options.minLength
    newTokens = options.minNewTokens
  }

  func process(_ row: LogitsRow, after history: TokenHistory, marks: inout TokenMarks) {
    guard history.ids.count < length || history.newIDs.count < newTokens else { return }
    for id in eosTokens where row.indices.contains(id) { row[id] = -.infinity }
  }
}

/// At the second and the last position of a sequence: ℓ = 0 for the forced tokens, −∞ for all others.
struct ForcedTokens: LogitsProcessor {
  let first: Int?
  let last: [Int]

  func process(_ row: LogitsRow, after history: TokenHistory, marks: inout TokenMarks) {
    if let first, history.ids.count == 1 { force([first], in: row) }
    if !last.isEmpty, history.ids.count == history.maxLength - 1 { force(last, in: row) }
  }

  private func force(_ ids: [Int], in row: LogitsRow) {
    row.update(repeating: -.infinity)
    for id in ids where row.indices.contains(id) { row[id] = 0 }
  }
}

/// ℓ = −∞ for suppressed tokens: at every position, or only as the first new token.
struct SuppressedTokens: LogitsProcessor {
  private let always: [Int]
  private let atBegin: [Int]
  private let isFirstForced: Bool

  init(_ options: GenerationOptions) {
    always = options.suppressedTokens
    atBegin = options.beginSuppressedTokens
    isFirstForced = options.forcedFirstToken != nil
  }

  func process(_ row: LogitsRow, after history: TokenHistory, marks: inout TokenMarks) {
    for id in always where row.indices.contains(id) { row[id] = -.infinity }
    let begin = history.startCount + (isFirstForced && history.startCount == 1 ? 1 : 0)
    guard history.ids.count == begin else { return }
    for id in atBegin where row.indices.contains(id) { row[id] = -.infinity }
  }
}
