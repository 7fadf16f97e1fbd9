/// A marked part of a text, such as a name.
public struct Entity: Sendable, Hashable {
  /// The label, without `B-` and `I-` if tokens are grouped.
  public var label: String
  /// The probability of the label, from 0 to 1: the mean over the tokens or words of the entity.
  public var score: Float
  /// The range of the entity in the text, in Unicode scalars.
  public var range: Range<Int>
  /// The text of the entity, exactly as in the text.
  public var text: String

  /// The given entity.
  public init(label: String, score: Float, range: Range<Int>, text: String) {
    self.label = label
    self.score = score
    self.range = range
    self.text = text
  }
}

/// How the labels of tokens become entities: `aggregation_strategy` of transformers.
public enum EntityAggregation: String, Sendable, Hashable, CaseIterable {
  /// Each token is an entity.
  case none
  /// Neighboring tokens with the same label are an entity; `B-` begins another one.
  case simple
  /// As `simple`, of words: a word has the label of its first token.
  case first
  /// As `simple`, of words: a word has the label with the largest mean probability over its tokens.
  case average
  /// As `simple`, of words: a word has the label of its token with the largest probability.
  case max
}
