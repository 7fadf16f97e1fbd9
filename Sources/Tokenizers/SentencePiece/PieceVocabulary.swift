/// A SentencePiece model whose pieces have the ids of another vocabulary, by their text.
///
/// A run of unknown characters has the id of exactly this text in the vocabulary, else the id of the unknown
/// token, as pieces that the vocabulary lacks.
///
/// - Source: `MarianTokenizer` and `M2M100Tokenizer` of transformers.
struct PieceVocabulary: TokenModel {
  let vocabulary: ModelVocabulary
  private let pieces: any TokenModel
  /// The id of each piece.
  private let ids: [Int32]
  private let unknownPieceID: Int32
  private let unknownID: Int32

  /// - Throws: `ModelError.tokenizer` if the vocabulary lacks the unknown token.
  init(
    _ model: SentencePieceModel, tokenizing pieces: any TokenModel, vocabulary: ModelVocabulary,
    unknownToken: String, path: String
  ) throws(ModelError) {
    guard let unknownID = vocabulary.id(of: unknownToken) else {
      throw .tokenizer(
        path: path, reason: "the unknown token \(quoted(unknownToken)) is not in the vocabulary")
    }
    self.vocabulary = vocabulary
    self.pieces = pieces
    self.unknownID = unknownID
    unknownPieceID = Int32(model.unknownID)
    let texts = model.pieces.texts
    ids = (0..<texts.count).map {
      let id = vocabulary.id(of: texts.bytes.span.extracting(texts[$0]))
      return id == ModelVocabulary.none ? unknownID : id
    }
  }

  /// The memory of both vocabularies and the ids.
  var byteCount: Int {
    vocabulary.byteCount + pieces.byteCount + MemoryLayout<Int32>.stride * ids.count
  }

  func tokenize(_ bytes: [UInt8], words: [Range<Int>], into tokens: inout [ModelToken]) {
    var found: [ModelToken] = []
    pieces.tokenize(bytes, words: words, into: &found)
    for var token in found {
      if token.id == unknownPieceID {
        let id = vocabulary.id(of: bytes.span.extracting(token.range))
        token.id = id == ModelVocabulary.none ? unknownID : id
      } else {
        token.id = ids.indices.contains(Int(token.id)) ? ids[Int(token.id)] : unknownID
      }
      tokens.append(token)
    }
  }
}
