/// Combines texts and special tokens by a template such as `[CLS] A [SEP] B [SEP]`.
struct TemplateProcessor: Sendable {
  enum Piece: Sendable {
    case text(isSecond: Bool, typeID: Int)
    case special([SpecialToken], typeID: Int)
  }

  struct SpecialToken: Sendable {
    var id: Int32
    var reading: String
  }

  let single: [Piece]
  let pair: [Piece]

  /// The texts without special tokens.
  static let plain = TemplateProcessor(
    single: [.text(isSecond: false, typeID: 0)],
    pair: [.text(isSecond: false, typeID: 0), .text(isSecond: true, typeID: 1)])

  /// `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`, with type 1 for `B [SEP]`.
  static func bert(start: SpecialToken, separator: SpecialToken) -> TemplateProcessor {
    let single: [Piece] = [
      .special([start], typeID: 0), .text(isSecond: false, typeID: 0),
      .special([separator], typeID: 0),
    ]
    let second: [Piece] = [
      .text(isSecond: true, typeID: 1), .special([separator], typeID: 1),
    ]
    return TemplateProcessor(single: single, pair: single + second)
  }

  /// `<s> A </s>` and `<s> A </s></s> B </s>`, with type 0 for all tokens.
  static func roberta(start: SpecialToken, separator: SpecialToken) -> TemplateProcessor {
    let single: [Piece] = [
      .special([start], typeID: 0), .text(isSecond: false, typeID: 0),
      .special([separator], typeID: 0),
    ]
    let second: [Piece] = [
      .special([separator], typeID: 0), .text(isSecond: true, typeID: 0),
      .special([separator], typeID: 0),
    ]
    return TemplateProcessor(single: single, pair: single + second)
  }

  /// The same template with type 0 for all tokens.
  var withoutTypeIDs: TemplateProcessor {
    func pieces(_ pieces: [Piece]) -> [Piece] {
      pieces.map {
        switch $0 {
        case .text(let isSecond, _): .text(isSecond: isSecond, typeID: 0)
        case .special(let tokens, _): .special(tokens, typeID: 0)
        }
      }
    }
    return TemplateProcessor(single: pieces(single), pair: pieces(pair))
  }

  func specialTokenCount(isPair: Bool) -> Int {
    (isPair ? pair : single).reduce(0) { count, piece in
      if case .special(let tokens, _) = piece { count + tokens.count } else { count }
    }
  }

  /// The encoding of one text or a pair, with the first `kept` tokens of each text.
  func encoding(
    of texts: [(tokens: TokenSequence, kept: Int)], addingSpecialTokens: Bool,
    vocabulary: TokenVocabulary
  ) -> Encoding {
    let isPair = texts.count > 1
    let specialCount = addingSpecialTokens ? specialTokenCount(isPair: isPair) : 0
    var result = Encoding(
      vocabulary: vocabulary, capacity: texts.reduce(specialCount) { $0 + $1.kept },
      untruncatedCount: 0)
    var dropped = 0
    for piece in isPair ? pair : single {
      switch piece {
      case .text(let isSecond, let typeID):
        let text = texts[isSecond ? 1 : 0]
        result.append(text.tokens, first: text.kept, typeID: typeID)
        dropped += text.tokens.ids.count - text.kept
      case .special(let tokens, let typeID):
        guard addingSpecialTokens else { continue }
        for token in tokens {
          result.append(id: token.id, reading: token.reading, typeID: typeID)
        }
      }
    }
    result.untruncatedCount = result.ids.count + dropped
    return result
  }
}
