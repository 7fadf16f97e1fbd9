/// The steps that turn tokens into text.
struct Decoder: Sendable {
  var steps: [any DecodingStep]

  /// Tokens as they are, with spaces between.
  static let spaced = Decoder(steps: [SpacedDecoding()])
}

/// A token, or a part of one, on its way to text: UTF-8 of whole scalars.
struct TokenPiece {
  var bytes: [UInt8]
  /// Whether the piece before it is of the same token.
  var continuesToken = false
}

/// One step from tokens to text, which holds back what following tokens may change.
protocol DecodingStep: Sendable {
  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece])

  /// Hands out what was held back: no more tokens come.
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

/// Makes one token of all.
struct FuseDecoding: DecodingStep {
  private var hasToken = false

  mutating func append(_ piece: TokenPiece, into result: inout [TokenPiece]) {
    result.append(TokenPiece(bytes: piece.bytes, continuesToken: hasToken))
    hasToken = true
  }
}

/// Waits for the end of a token that comes in parts, for steps that need to see it whole.
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
