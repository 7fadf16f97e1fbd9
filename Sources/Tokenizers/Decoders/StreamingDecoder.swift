/// A streaming decoder: converts tokens to text one at a time, as a model generates them.
///
/// Each returned string has only complete characters: a character of several tokens is returned together with
/// its last token. The concatenated strings equal the result of `Tokenizer.decode` for all tokens.
///
/// ```swift
/// var stream = tokenizer.streamingDecoder()
/// for id in ids {
///   print(stream.append(id), terminator: "")
///   fflush(nil)  // shows the text now; `print` buffers until the end of the line
/// }
/// print(stream.finish())
/// ```
public struct StreamingDecoder: Sendable {
  private let tokens: DecodedTokens
  private let skipsSpecialTokens: Bool
  private var steps: [any DecodingStep]

  init(tokens: DecodedTokens, decoder: TokenDecoder, skipsSpecialTokens: Bool) {
    self.tokens = tokens
    self.skipsSpecialTokens = skipsSpecialTokens
    steps = decoder.steps
  }

  /// Adds a token. Returns the text that is now final, because no later token can change it; often the text
  /// is empty. Ids that are not in the vocabulary are skipped.
  ///
  /// - Complexity: O(length of the token) on average.
  public mutating func append(_ id: Int) -> String {
    var bytes: [UInt8] = []
    append(id, to: &bytes)
    return bytes.isEmpty ? "" : String(decoding: bytes, as: UTF8.self)
  }

  /// Returns the rest of the text. Call this after the last token, and do not use the decoder again.
  public mutating func finish() -> String {
    var bytes: [UInt8] = []
    finish(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  package mutating func append(_ id: Int, to bytes: inout [UInt8]) {
    guard let id = Int32(exactly: id),
      let token = tokens.bytes(of: id, skippingSpecialTokens: skipsSpecialTokens)
    else { return }
    var pieces = [TokenPiece(bytes: token)]
    for index in steps.indices { pieces = run(pieces, through: index) }
    for piece in pieces { bytes += piece.bytes }
  }

  package mutating func finish(to bytes: inout [UInt8]) {
    var pieces: [TokenPiece] = []
    for index in steps.indices {
      pieces = run(pieces, through: index)
      steps[index].finish(into: &pieces)
    }
    for piece in pieces { bytes += piece.bytes }
  }

  private mutating func run(_ pieces: [TokenPiece], through index: Int) -> [TokenPiece] {
    if pieces.isEmpty { return [] }
    var result: [TokenPiece] = []
    for piece in pieces { steps[index].append(piece, into: &result) }
    return result
  }
}

/// The text of each token before the decoding steps.
final class DecodedTokens: Sendable {
  private let vocabulary: TokenVocabulary
  /// Normalized forms of added tokens. The decoding steps expect normalized text, because they undo
  /// normalization.
  private let normalized: [Int32: [UInt8]]
  private let special: Set<Int32>

  init(
    _ vocabulary: TokenVocabulary, _ added: [AddedToken], _ normalized: [Int32: [UInt8]]
  ) {
    self.vocabulary = vocabulary
    self.normalized = normalized
    // A token is special if its text equals the text of a special token, even if the ids differ.
    let contents = Set(added.filter(\.isSpecial).map { Array($0.content.utf8) })
    special = Set(
      added.filter { contents.contains(normalized[$0.id] ?? Array($0.content.utf8)) }.map(\.id))
  }

  /// UTF-8 of a token; nil if the vocabulary lacks it, or if it is special and special tokens are skipped.
  func bytes(of id: Int32, skippingSpecialTokens: Bool) -> [UInt8]? {
    if skippingSpecialTokens, special.contains(id) { return nil }
    return normalized[id] ?? vocabulary.bytes(of: id).map { Array($0) }
  }
}
