import AttentionCore
import Foundation

/// Builds a tokenizer from a SentencePiece model such as `spiece.model` or `tokenizer.model`.
///
/// Most tokenizer classes use the model differently from SentencePiece. For the generic class, which
/// follows SentencePiece, see `SentencePieceTokenizer+Generic.swift`.
///
/// - Source: `SentencePieceExtractor`, `generate_merges` and the classes of transformers 5.
struct SentencePieceTokenizer {
  /// The file names of SentencePiece models.
  static let fileNames = [
    "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model",
  ]
  /// The classes that use these files.
  private static let classes: [TokenizerClass] = [
    .albert, .gemma, .generic, .llama, .t5, .xlmRoberta,
  ]

  let path: String
  let model: SentencePieceModel
  private(set) var settings: TokenizerSettings

  /// - Throws: `ModelError.unsupported` if the class uses other files or the model type is not
  ///   implemented; `ModelError.tokenizer` for a malformed file.
  static func read(
    _ directory: ModelDirectory, _ name: String, _ settings: TokenizerSettings
  ) throws -> Tokenizer.Pipeline {
    guard classes.contains(settings.tokenizerClass), settings.unknownClass == nil else {
      throw settings.unsupportedClass(for: name, supported: classes)
    }
    let path = try directory.file(name)
    return try SentencePieceTokenizer(
      path: path, model: SentencePieceModel(contentsOfFile: path), settings: settings
    ).pipeline()
  }

  private init(path: String, model: SentencePieceModel, settings: TokenizerSettings) {
    self.path = path
    self.model = model
    self.settings = settings
  }

  /// `precompiled_charsmap` in base64, as in `tokenizer.json`.
  var charsmap: String? { model.charsmap.map { Data($0).base64EncodedString() } }

  private func pipeline() throws -> Tokenizer.Pipeline {
    switch settings.tokenizerClass {
    case .generic: try genericPipeline()
    case .t5, .albert, .xlmRoberta: try pipeline(unigram())
    default: try pipeline(bytePairs())
    }
  }

  private func pipeline(_ tokenModel: any TokenModel) throws(ModelError) -> Tokenizer.Pipeline {
    let tokenizerClass = settings.tokenizerClass
    let added = try settings.addedTokens(
      defaultExtras: try extraTokens(), vocabulary: tokenModel.vocabulary)
    let processor = try tokenizerClass.processor(
      settings, vocabulary: TokenVocabulary(model: tokenModel.vocabulary, added: added))
    return try tokenizerClass.sections(settings, charsmap: charsmap).pipeline(
      model: tokenModel, addedTokens: added, processor: processor, path: path)
  }

  // MARK: - Models

  /// The model of T5, ALBERT and XLM-RoBERTa. The id of the unknown token depends on the class.
  private func unigram() throws(ModelError) -> Unigram {
    var pieces = model.pieces.map { (token: $0.text, score: Double($0.score)) }
    var unknownID = 1
    switch settings.tokenizerClass {
    case .t5:
      unknownID = 2
      pieces += try (0..<extraIDCount()).reversed().map { (token: "<extra_id_\($0)>", score: 0) }
    case .xlmRoberta:
      unknownID = 3
      // fairseq's first tokens, in fairseq's order, and its mask token at the end.
      let first = try ["bos_token", "pad_token", "eos_token", "unk_token"].map(named)
      pieces = first + pieces.dropFirst(3) + [try named("mask_token")]
    default: break
    }
    return try Unigram(
      vocabulary: ModelVocabulary(
        pieces.enumerated().map { ($1.token, Int32($0)) }, path: path),
      scores: pieces.map(\.score), unknownID: unknownID, fallsBackToBytes: false, path: path)
  }

  private func named(_ name: String) throws(ModelError) -> (token: String, score: Double) {
    guard let token = settings.token(name) else {
      throw .tokenizer(path: settings.file.path, reason: "\(name) is not defined")
    }
    return (token.content, 0)
  }

  /// The model of Llama and Gemma: two pieces merge if their concatenation is a piece.
  private func bytePairs() throws(ModelError) -> BytePairEncoding {
    let vocabulary = try vocabulary()
    var options = BytePairEncoding.Options()
    options.fusesUnknown = true
    options.fallsBackToBytes = true
    if settings.tokenizerClass == .gemma {
      options.unknownToken = settings.token("unk_token")?.content
    }
    // Merges are ordered by the id of the merged piece, then by the length of the left part.
    var merges: [SentencePieceMerges.Merge] = []
    for (token, id) in vocabulary.entries where vocabulary.id(of: token) == id {
      merges += SentencePieceMerges.splits(of: token) { vocabulary.id(of: $0) != nil }
    }
    return try BytePairEncoding(
      vocabulary: vocabulary, pairs: merges, options: options, path: path)
  }

  /// The pieces as a vocabulary. If a piece occurs more than once, its last id counts.
  private func vocabulary() throws(ModelError) -> ModelVocabulary {
    try ModelVocabulary(model.pieces.enumerated().map { ($1.text, Int32($0)) }, path: path)
  }

  // MARK: - Added tokens

  /// Control pieces and user-defined pieces, which are matched in the text like added tokens.
  private func extraTokens() throws(ModelError) -> [AddedToken] {
    var tokens = model.pieces.filter { $0.kind == .control || $0.kind == .userDefined }
      .map { AddedToken(content: $0.text, id: 0, isSpecial: $0.kind == .control) }
    if settings.tokenizerClass == .t5,
      !tokens.contains(where: { $0.content.hasPrefix("<extra_id_") })
    {
      tokens += try (0..<extraIDCount()).map {
        AddedToken(content: "<extra_id_\($0)>", id: 0, isSpecial: true)
      }
    }
    return tokens
  }

  /// The number of T5's tokens `<extra_id_0>`, `<extra_id_1>`, … in addition to the pieces.
  private func extraIDCount() throws(ModelError) -> Int {
    try settings.file.optionalInteger("extra_ids", in: 0...100_000) ?? 100
  }
}

/// Derives merges from the pieces of a SentencePiece model, which does not store merges.
enum SentencePieceMerges {
  typealias Merge = (String, String)

  /// All splits of `token` into two pieces, by ascending length of the left piece.
  ///
  /// - Parameter isPiece: returns whether a string is a piece.
  static func splits(of token: String, isPiece: (String) -> Bool) -> [Merge] {
    var merges: [Merge] = []
    let scalars = token.unicodeScalars
    for index in scalars.indices.dropFirst() {
      let left = String(scalars[..<index])
      guard isPiece(left) else { continue }
      let right = String(scalars[index...])
      if isPiece(right) { merges.append((left, right)) }
    }
    return merges
  }
}
