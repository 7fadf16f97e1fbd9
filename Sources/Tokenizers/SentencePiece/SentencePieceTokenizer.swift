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
    .albert, .camembert, .debertaV2, .gemma, .generic, .llama, .mbart, .mbart50, .pegasus, .t5,
    .xlmRoberta,
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

  init(path: String, model: SentencePieceModel, settings: TokenizerSettings) {
    self.path = path
    self.model = model
    self.settings = settings
  }

  /// `precompiled_charsmap` in base64, as in `tokenizer.json`.
  var charsmap: String? { model.charsmap.map { Data($0).base64EncodedString() } }

  private func pipeline() throws -> Tokenizer.Pipeline {
    switch settings.tokenizerClass {
    case .generic: try genericPipeline()
    case .albert, .camembert, .debertaV2, .mbart, .mbart50, .pegasus, .t5, .xlmRoberta:
      try pipeline(unigram())
    default: try pipeline(bytePairs())
    }
  }

  private func pipeline(_ tokenModel: any TokenModel) throws(ModelError) -> Tokenizer.Pipeline {
    let tokenizerClass = settings.tokenizerClass
    var settings = settings
    if [.mbart, .mbart50, .pegasus].contains(tokenizerClass) {
      settings.addExtraTokens(
        try tokenizerClass == .pegasus ? pegasusTokens() : LanguageTokens.names(of: settings))
    }
    let added = try settings.addedTokens(
      defaultExtras: try extraTokens(), vocabulary: tokenModel.vocabulary)
    let processor = try tokenizerClass.processor(
      settings, vocabulary: TokenVocabulary(model: tokenModel.vocabulary, added: added))
    return try tokenizerClass.sections(settings, charsmap: charsmap).pipeline(
      model: tokenModel, addedTokens: added, processor: processor, path: path)
  }

  // MARK: - Models

  /// The model of a class with unigrams. The id of the unknown token depends on the class.
  private func unigram() throws(ModelError) -> Unigram {
    var first: [Special] = []
    var last: [Special] = []
    /// The number of pieces that `first` replaces.
    var replacedCount = 0
    var unknownID = 1
    switch settings.tokenizerClass {
    case .t5:
      unknownID = 2
      last = try (0..<extraIDCount()).reversed().map { Special("<extra_id_\($0)>") }
    case .xlmRoberta, .mbart, .mbart50:
      unknownID = 3
      replacedCount = 3
      // fairseq's first tokens, in fairseq's order, and its languages and mask token at the end.
      let begin = settings.tokenizerClass == .mbart50 ? "cls_token" : "bos_token"
      first = try [begin, "pad_token", "eos_token", "unk_token"].map(named)
      last = try LanguageTokens.names(of: settings).map { Special($0) } + [named("mask_token")]
    case .camembert:
      // fairseq's first tokens, of which some are unused, and its mask token at the end.
      (unknownID, replacedCount) = (3, 1)
      first = try [
        Special("<s>NOTUSED"), named("pad_token"), Special("</s>NOTUSED"), named("unk_token"),
        Special("<unk>NOTUSED", score: -100),
      ]
      last = [try named("mask_token")]
    case .debertaV2:
      let unknown = try named("unk_token").token
      unknownID =
        (0..<model.pieces.count).first {
          model.pieces.scores[$0] == 0 && model.pieces.text(at: $0) == unknown
        } ?? model.unknownID
    case .pegasus:
      // The padding and EOS tokens, tokens of the training, then the pieces from the unknown token.
      replacedCount = 2
      let extra = try pegasusTokens().map { Special($0, score: $0.hasPrefix("<unk_") ? -100 : 0) }
      first = try ["pad_token", "eos_token"].map(named) + extra.prefix(1) + [named("mask_token")]
      first += extra.dropFirst()
      unknownID = first.count
    default: break
    }
    let pieces = model.pieces
    let kept = min(replacedCount, pieces.count)..<pieces.count
    let addedByteCount = (first + last).reduce(0) { $0 + $1.token.utf8.count }
    let count = first.count + kept.count + last.count
    var tokens = ByteStrings(
      count: count, byteCount: pieces.texts.bytes.count + addedByteCount)
    var scores: [Double] = []
    scores.reserveCapacity(count)
    for special in first {
      tokens.append(special.token.utf8)
      scores.append(special.score)
    }
    for id in kept {
      tokens.append(pieces.texts.bytes.span.extracting(pieces.texts[id]))
      scores.append(Double(pieces.scores[id]))
    }
    for special in last {
      tokens.append(special.token.utf8)
      scores.append(special.score)
    }
    return try Unigram(
      vocabulary: ModelVocabulary(tokens, path: path), scores: scores, unknownID: unknownID,
      fallsBackToBytes: false, path: path)
  }

  /// A token that a class adds to the pieces.
  private struct Special {
    let token: String
    let score: Double

    init(_ token: String, score: Double = 0) {
      self.token = token
      self.score = score
    }
  }

  private func named(_ name: String) throws(ModelError) -> Special {
    guard let token = settings.token(name) else {
      throw .tokenizer(path: settings.file.path, reason: "\(name) is not defined")
    }
    return Special(token.content)
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

  /// Pegasus's tokens in addition to the pieces: a mask for sentences, and `<unk_2>`, `<unk_3>`, …
  private func pegasusTokens() throws(ModelError) -> [String] {
    let offset = try settings.file.optionalInteger("offset", in: 2...100_000) ?? 103
    return [try settings.file.optionalString("mask_token_sent") ?? "<mask_1>"]
      + (2..<offset).map { "<unk_\($0)>" }
  }

  /// The number of T5's tokens `<extra_id_0>`, `<extra_id_1>`, … in addition to the pieces.
  private func extraIDCount() throws(ModelError) -> Int {
    try settings.file.optionalInteger("extra_ids", in: 0...100_000) ?? 100
  }
}
