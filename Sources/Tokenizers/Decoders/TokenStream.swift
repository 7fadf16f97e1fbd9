/// Turns tokens into text as they come, as a model writes them.
///
/// Every piece is whole characters: of one that takes several tokens, nothing is shown before the
/// last. All pieces together are what `Tokenizer.decode` makes of all tokens.
///
/// ```swift
/// var stream = tokenizer.stream()
/// for id in ids {
///   print(stream.append(id), terminator: "")
///   fflush(nil)  // shows the piece now: `print` alone waits for the end of the line
/// }
/// print(stream.finish())
/// ```
public struct TokenStream: Sendable {
  private let tokens: DecodedTokens
  private let skipsSpecialTokens: Bool
  private var steps: [any DecodingStep]

  init(tokens: DecodedTokens, decoder: Decoder, skipsSpecialTokens: Bool) {
    self.tokens = tokens
    self.skipsSpecialTokens = skipsSpecialTokens
    steps = decoder.steps
  }

  /// The text that is certain now that the token with the number `id` has come; often empty. A
  /// number that the vocabulary does not have is passed over.
  ///
  /// - Complexity: O(length of the token) on average.
  public mutating func append(_ id: Int) -> String {
    var bytes: [UInt8] = []
    append(id, to: &bytes)
    return bytes.isEmpty ? "" : String(decoding: bytes, as: UTF8.self)
  }

  /// What is left when no more tokens come. The stream is spent then.
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

/// What each token is when decoding begins.
final class DecodedTokens: Sendable {
  private let vocabulary: TokenVocabulary
  /// Added tokens that the normalizers change: a decoder will undo that.
  private let normalized: [Int32: [UInt8]]
  private let special: Set<Int32>

  init(_ vocabulary: TokenVocabulary, _ added: [AddedToken], _ normalizers: [any Normalizer]) {
    self.vocabulary = vocabulary
    var normalized: [Int32: [UInt8]] = [:]
    for token in added where token.isNormalized && !normalizers.isEmpty {
      var form = NormalizedText(Array(token.content.utf8)[...], firstScalar: 0)
      for step in normalizers { step.normalize(&form) }
      normalized[token.id] = form.bytes
    }
    self.normalized = normalized
    // A token is special by how it reads, whatever its number.
    let contents = Set(added.filter(\.isSpecial).map { Array($0.content.utf8) })
    special = Set(
      added.filter { contents.contains(normalized[$0.id] ?? Array($0.content.utf8)) }.map(\.id))
  }

  /// UTF-8 of a token; nil where there is none, or where it is to be left out.
  func bytes(of id: Int32, skippingSpecialTokens: Bool) -> [UInt8]? {
    if skippingSpecialTokens, special.contains(id) { return nil }
    return normalized[id] ?? vocabulary.token(of: id).map { Array($0.utf8) }
  }
}
