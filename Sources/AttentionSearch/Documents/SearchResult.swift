/// A passage that fits a query.
public struct SearchResult: Sendable, Hashable {
  /// The similarity of the query and the passage, by the measure of the model.
  public var score: Float
  /// The name of the document.
  public let document: String
  /// The metadata of the document.
  public let metadata: [String: String]
  /// The passage's range in the text of the document, in Unicode scalars.
  public let range: Range<Int>
  /// The text of the passage.
  public let text: String
  /// The end of the text before the passage: at most ``contextLength`` Unicode scalars, from the start of a word.
  public let before: String
  /// The start of the text after the passage: at most ``contextLength`` Unicode scalars, to the end of a word.
  public let after: String

  /// The largest number of Unicode scalars of ``before`` and of ``after``.
  public static let contextLength = 120

  /// A passage of a document.
  ///
  /// - Throws: ``SearchError/document(_:reason:)`` if the range is not in the text.
  init(document: SearchDocument, range: Range<Int>, score: Float) throws {
    let scalars = document.text.unicodeScalars
    guard
      let start = scalars.index(
        scalars.startIndex, offsetBy: range.lowerBound, limitedBy: scalars.endIndex),
      let end = scalars.index(start, offsetBy: range.count, limitedBy: scalars.endIndex)
    else {
      throw SearchError.document(
        document.name, reason: "the passage \(range) is not in its text")
    }
    self.document = document.name
    metadata = document.metadata
    self.range = range
    self.score = score
    text = String(scalars[start..<end])
    before = Self.contextBefore(scalars[..<start])
    after = Self.contextAfter(scalars[end...])
  }

  private static func contextBefore(_ text: Substring.UnicodeScalarView) -> String {
    let context = text.suffix(contextLength)
    guard context.startIndex > text.startIndex else { return String(context) }
    // A word that is cut is omitted, unless it is all there is.
    let words = context.drop { !$0.properties.isWhitespace }.drop { $0.properties.isWhitespace }
    return String(words.isEmpty ? context : words)
  }

  private static func contextAfter(_ text: Substring.UnicodeScalarView) -> String {
    let context = text.prefix(contextLength)
    guard context.endIndex < text.endIndex,
      let space = context.lastIndex(where: \.properties.isWhitespace),
      space > context.startIndex
    else { return String(context) }
    return String(context[..<space])
  }
}
