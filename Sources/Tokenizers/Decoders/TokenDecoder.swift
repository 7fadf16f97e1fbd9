/// The steps that convert tokens to text.
struct TokenDecoder: Sendable {
  var steps: [any DecodingStep]

  /// Joins tokens with spaces.
  static let spaced = TokenDecoder(steps: [SpacedDecoding()])
}

/// A token, or a part of a token, during decoding.
struct TokenPiece {
  /// UTF-8 of complete scalars.
  var bytes: [UInt8]
  /// Whether the previous piece belongs to the same token.
  var continuesToken = false
}

/// A decoding step. A step holds back text that following tokens may change.
protocol DecodingStep: Sendable {
  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece])

  /// Appends the text held back, after the last token.
  mutating func finish(into result: inout [TokenPiece])
}

extension DecodingStep {
  mutating func finish(into result: inout [TokenPiece]) {}
}

/// Puts spaces between tokens.
struct SpacedDecoding: DecodingStep {
  private var isFirst = true

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    var piece = piece
    if !isFirst { piece.bytes.insert(0x20, at: 0) }
    isFirst = false
    result.append(piece)
  }
}

/// Joins all tokens into one.
struct FuseDecoding: DecodingStep {
  private var hasToken = false

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    result.append(TokenPiece(bytes: piece.bytes, continuesToken: hasToken))
    hasToken = true
  }
}

/// Collects the pieces of a token, for steps that need whole tokens.
struct WholeTokenDecoding: DecodingStep {
  private var held: [UInt8]?

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    if piece.continuesToken, held != nil {
      held?.append(contentsOf: piece.bytes)
    } else {
      finish(into: &result)
      held = piece.bytes
    }
  }

  mutating func finish(into result: inout [TokenPiece]) {
    if let held { result.append(TokenPiece(bytes: held)) }
    held = nil
  }
}
