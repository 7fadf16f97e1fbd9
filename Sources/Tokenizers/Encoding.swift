/// The tokens of a text, or of a pair of texts: the input of a model.
///
/// All arrays have one entry per token.
public struct Encoding: Sendable {
  /// The id of each token in the vocabulary.
  public internal(set) var ids: [Int]
  /// The range of the original text, in Unicode scalars, that each token covers.
  ///
  /// For a pair, the range refers to the text that contains the token. Tokens that are not in a text,
  /// such as `[CLS]`, have the range `0..<0`.
  public internal(set) var offsets: [Range<Int>]
  /// The segment of each token (`token_type_ids`): for most models 0 in the first text, 1 in the second.
  public internal(set) var typeIDs: [Int]
  /// Whether the tokenizer added the token, such as `[CLS]`; false for tokens found in the text.
  public internal(set) var isSpecial: [Bool]
  /// The word of each token; −1 for tokens that the tokenizer added.
  private var wordNumbers: [Int32] = []
  /// The number of tokens before truncation.
  public internal(set) var untruncatedCount: Int

  private let vocabulary: TokenVocabulary
  /// Token texts that differ from the vocabulary, by position: for example, the text of an added token whose
  /// match includes white space.
  private var readings: [Int: String] = [:]

  init(vocabulary: TokenVocabulary, capacity: Int, untruncatedCount: Int) {
    self.vocabulary = vocabulary
    self.untruncatedCount = untruncatedCount
    ids = []
    offsets = []
    typeIDs = []
    isSpecial = []
    ids.reserveCapacity(capacity)
    offsets.reserveCapacity(capacity)
    typeIDs.reserveCapacity(capacity)
    isSpecial.reserveCapacity(capacity)
    wordNumbers.reserveCapacity(capacity)
  }

  /// The number of tokens.
  public var count: Int { ids.count }

  /// Whether tokens were removed because of a maximum length.
  public var wasTruncated: Bool { untruncatedCount > ids.count }

  /// The text of each token in the vocabulary, such as "##ing" or "[UNK]".
  ///
  /// - Complexity: O(`count`); each call looks up the strings.
  public var tokens: [String] {
    ids.enumerated().map { index, id in
      readings[index] ?? vocabulary.token(of: Int32(truncatingIfNeeded: id)) ?? ""
    }
  }

  /// The word of each token: pieces of one word have the same number, and a later word of the text has a larger
  /// one. nil for tokens that the tokenizer added.
  ///
  /// - Complexity: O(`count`).
  /// - Source: `word_ids` of the tokenizers library.
  public var words: [Int?] { wordNumbers.map { $0 < 0 ? nil : Int($0) } }

  mutating func append(id: Int32, reading: String?, typeID: Int) {
    if let reading, reading != vocabulary.token(of: id) { readings[ids.count] = reading }
    ids.append(Int(id))
    offsets.append(0..<0)
    typeIDs.append(typeID)
    isSpecial.append(true)
    wordNumbers.append(-1)
  }

  mutating func append(_ sequence: TokenSequence, first count: Int, typeID: Int) {
    for (index, reading) in sequence.readings where index < count {
      readings[ids.count + index] = reading
    }
    var cancellation = CancellationSteps()
    for index in 0..<count {
      if cancellation.isRequested() { break }
      ids.append(Int(sequence.ids[index]))
      offsets.append(Int(sequence.starts[index])..<Int(sequence.ends[index]))
      wordNumbers.append(sequence.words[index])
    }
    typeIDs.append(contentsOf: repeatElement(typeID, count: count))
    isSpecial.append(contentsOf: repeatElement(false, count: count))
  }
}

extension Encoding: Equatable {
  /// Whether two encodings have the same ids, tokens, offsets, types, special flags, words and untruncated count.
  public static func == (left: Encoding, right: Encoding) -> Bool {
    left.ids == right.ids && left.offsets == right.offsets && left.typeIDs == right.typeIDs
      && left.isSpecial == right.isSpecial && left.wordNumbers == right.wordNumbers
      && left.untruncatedCount == right.untruncatedCount
      && (left.vocabulary === right.vocabulary && left.readings == right.readings
        || left.tokens == right.tokens)
  }
}

/// The tokens of one text, before truncation and special tokens.
struct TokenSequence {
  var ids: [Int32] = []
  /// The range of each token in the original text, in scalars: `starts[i]..<ends[i]`.
  var starts: [Int32] = []
  var ends: [Int32] = []
  /// The word of each token.
  var words: [Int32] = []
  /// Token texts that differ from the vocabulary, by position.
  var readings: [Int: String] = [:]

  /// The number of the next word.
  var nextWord: Int { words.last.map { Int($0) + 1 } ?? 0 }

  mutating func append(_ id: Int32, _ range: Range<Int>, word: Int) {
    ids.append(id)
    starts.append(Int32(truncatingIfNeeded: range.lowerBound))
    ends.append(Int32(truncatingIfNeeded: range.upperBound))
    words.append(Int32(truncatingIfNeeded: word))
  }

  /// The tokens at some positions.
  func tokens(_ positions: Range<Int>) -> TokenSequence {
    TokenSequence(
      ids: Array(ids[positions]), starts: Array(starts[positions]), ends: Array(ends[positions]),
      words: Array(words[positions]),
      readings: Dictionary(
        uniqueKeysWithValues: readings.lazy.filter { positions.contains($0.key) }.map {
          ($0.key - positions.lowerBound, $0.value)
        }))
  }
}
