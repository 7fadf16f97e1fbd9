/// A text, or a pair of texts, as a model reads it: token by token.
///
/// All arrays have one entry per token.
public struct Encoding: Sendable {
  /// The number of each token in the vocabulary.
  public internal(set) var ids: [Int]
  /// The part of the original text that each token stands for, counted in Unicode scalars.
  ///
  /// For a pair, counted in the text that the token is of. Tokens that stand for nothing in the
  /// text, such as `[CLS]`, have the empty range at 0.
  public internal(set) var offsets: [Range<Int>]
  /// Which segment each token belongs to: for most models 0 for the first text and 1 for the second.
  public internal(set) var typeIDs: [Int]
  /// Whether each token was put in by the tokenizer rather than found in the text.
  public internal(set) var isSpecial: [Bool]
  /// How many tokens there would have been without a maximum length.
  public internal(set) var untruncatedCount: Int

  private let vocabulary: TokenVocabulary
  /// Tokens by position that read otherwise than in the vocabulary, such as one that took the white
  /// space around it along.
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
  }

  /// The number of tokens.
  public var count: Int { ids.count }

  /// Whether tokens were left out to keep to a maximum length.
  public var wasTruncated: Bool { untruncatedCount > ids.count }

  /// The text of each token as the vocabulary has it, such as "##ing" or "[UNK]".
  ///
  /// - Complexity: O(`count`): the strings are looked up at each call.
  public var tokens: [String] {
    ids.enumerated().map { index, id in
      readings[index] ?? vocabulary.token(of: Int32(truncatingIfNeeded: id)) ?? ""
    }
  }

  mutating func append(id: Int32, reading: String?, typeID: Int) {
    if let reading, reading != vocabulary.token(of: id) { readings[ids.count] = reading }
    ids.append(Int(id))
    offsets.append(0..<0)
    typeIDs.append(typeID)
    isSpecial.append(true)
  }

  mutating func append(_ sequence: TokenSequence, first count: Int, typeID: Int) {
    for (index, reading) in sequence.readings where index < count {
      readings[ids.count + index] = reading
    }
    for index in 0..<count {
      ids.append(Int(sequence.ids[index]))
      offsets.append(Int(sequence.starts[index])..<Int(sequence.ends[index]))
    }
    typeIDs.append(contentsOf: repeatElement(typeID, count: count))
    isSpecial.append(contentsOf: repeatElement(false, count: count))
  }
}

extension Encoding: Equatable {
  /// Whether two encodings have the same tokens, ids, offsets and types.
  public static func == (left: Encoding, right: Encoding) -> Bool {
    left.ids == right.ids && left.offsets == right.offsets && left.typeIDs == right.typeIDs
      && left.isSpecial == right.isSpecial && left.untruncatedCount == right.untruncatedCount
      && (left.vocabulary === right.vocabulary && left.readings == right.readings
        || left.tokens == right.tokens)
  }
}

/// The tokens of one text before anything is added or left out.
struct TokenSequence {
  var ids: [Int32] = []
  /// The scalars of the original text that each token stands for.
  var starts: [Int32] = []
  var ends: [Int32] = []
  var readings: [Int: String] = [:]

  mutating func append(_ id: Int32, _ range: Range<Int>) {
    ids.append(id)
    starts.append(Int32(truncatingIfNeeded: range.lowerBound))
    ends.append(Int32(truncatingIfNeeded: range.upperBound))
  }
}
