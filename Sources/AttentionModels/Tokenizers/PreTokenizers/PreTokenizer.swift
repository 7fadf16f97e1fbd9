/// One step that cuts a normalized text into words; models never join what it has cut.
protocol PreTokenizer: Sendable {
  /// Cuts each of `pieces`, which are ranges of bytes of `text`, into pieces that are not empty.
  func split(_ text: NormalizedText, _ pieces: [Range<Int>]) -> [Range<Int>]
}

/// Several steps, each cutting what the one before it left.
struct PreTokenizerSequence: PreTokenizer {
  let steps: [any PreTokenizer]

  func split(_ text: NormalizedText, _ pieces: [Range<Int>]) -> [Range<Int>] {
    steps.reduce(pieces) { $1.split(text, $0) }
  }
}
