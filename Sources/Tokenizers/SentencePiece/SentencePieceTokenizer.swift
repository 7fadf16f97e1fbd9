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
    var first: [String] = []
    var last: [String] = []
    var unknownID = 1
    switch settings.tokenizerClass {
    case .t5:
      unknownID = 2
      last = try (0..<extraIDCount()).reversed().map { "<extra_id_\($0)>" }
    case .xlmRoberta:
      unknownID = 3
      // fairseq's first tokens, in fairseq's order, and its mask token at the end.
      first = try ["bos_token", "pad_token", "eos_token", "unk_token"].map(named)
      last = [try named("mask_token")]
    default: break
    }
    let pieces = model.pieces
    let kept = (first.isEmpty ? 0 : min(3, pieces.count))..<pieces.count
    let added = ByteStrings(first + last)
    var tokens = ByteStrings(
      count: kept.count + added.count, byteCount: pieces.texts.bytes.count + added.bytes.count)
    for token in first { tokens.append(token.utf8) }
    for id in kept { tokens.append(pieces.texts.bytes.span.extracting(pieces.texts[id])) }
    for token in last { tokens.append(token.utf8) }
    var scores = [Double](repeating: 0, count: tokens.count)
    for id in kept { scores[first.count + id - kept.lowerBound] = Double(pieces.scores[id]) }
    return try Unigram(
      vocabulary: ModelVocabulary(tokens, path: path), scores: scores, unknownID: unknownID,
      fallsBackToBytes: false, path: path)
  }

  private func named(_ name: String) throws(ModelError) -> String {
    guard let token = settings.token(name) else {
      throw .tokenizer(path: settings.file.path, reason: "\(name) is not defined")
    }
    return token.content
  }

  /// The model of Llama and Gemma: two pieces merge if their concatenation is a piece.
  private func bytePairs() throws(ModelError) -> BytePairEncoding {
    // If a piece occurs more than once, its last id counts.
    let vocabulary = try ModelVocabulary(model.pieces.texts, path: path)
    var options = BytePairEncoding.Options()
    options.fusesUnknown = true
    options.fallsBackToBytes = true
    if settings.tokenizerClass == .gemma {
      options.unknownToken = settings.token("unk_token")?.content
    }
    // Merges are ordered by the id of the merged piece, then by the length of the left part.
    let tokens = (0..<vocabulary.count).lazy.filter { vocabulary.lastIndex(ofTokenAt: $0) == $0 }
    let merges = try SentencePieceMerges(vocabulary: vocabulary, path: path) { _ in true }
      .merges(of: tokens)
    return try BytePairEncoding(
      vocabulary: vocabulary, merges: merges, options: options, path: path)
  }

  // MARK: - Added tokens

  /// Control pieces and user-defined pieces, which are matched in the text like added tokens.
  private func extraTokens() throws(ModelError) -> [AddedToken] {
    let pieces = model.pieces
    var tokens = (0..<pieces.count)
      .filter { pieces.kinds[$0] == .control || pieces.kinds[$0] == .userDefined }
      .map {
        AddedToken(content: pieces.text(at: $0), id: 0, isSpecial: pieces.kinds[$0] == .control)
      }
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
