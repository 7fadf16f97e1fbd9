/// A label and its score.
public struct LabelScore: Sendable, Hashable {
  /// The label, from `id2label` or from the caller.
  public var label: String
  /// A probability from 0 to 1; any number for a regression.
  public var score: Float

  /// The given label and score.
  public init(label: String, score: Float) {
    self.label = label
    self.score = score
  }
}
