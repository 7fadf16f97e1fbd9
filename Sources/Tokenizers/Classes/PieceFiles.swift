import AttentionCore

/// Builds the tokenizers of Marian and M2M-100: a SentencePiece model splits a text, and `vocab.json` has the ids
/// of the pieces. With `separate_vocabs`, `target_vocab.json` has the ids of the pieces of a translation.
///
/// - Source: `MarianTokenizer` and `M2M100Tokenizer` of transformers 5.
enum PieceFiles {
  /// Whether a folder has such a tokenizer.
  static func isTokenizer(_ directory: ModelDirectory, _ settings: TokenizerSettings) -> Bool {
    directory.contains("vocab.json")
      && (settings.tokenizerClass == .marian && directory.contains("source.spm")
        || settings.tokenizerClass == .m2m100 && !directory.contains("merges.txt"))
  }

  /// - Throws: `ModelError.tokenizer` for a malformed file or a vocabulary without the special tokens;
  ///   `ModelError.unsupported` for another model type.
  static func read(
    _ directory: ModelDirectory, _ settings: TokenizerSettings
  ) throws -> Tokenizer.Pipeline {
    var settings = settings
    let isMarian = settings.tokenizerClass == .marian
    settings.findListedTokensInRawText()
    let path = try directory.file(isMarian ? "source.spm" : "sentencepiece.bpe.model")
    let model = try SentencePieceModel(contentsOfFile: path)
    let vocabulary = try vocabulary(directory.file("vocab.json"), settings)
    let pieces = try SentencePieceTokenizer(path: path, model: model, settings: settings)
      .exactModel()
    let tokenModel = try PieceVocabulary(
      model, tokenizing: pieces, vocabulary: vocabulary,
      unknownToken: settings.token("unk_token")?.content ?? "<unk>", path: path)

    let added = try settings.addedTokens(
      defaultExtras: LanguageTokens.names(of: settings).map {
        AddedToken(content: $0, id: 0, isSpecial: true)
      }, vocabulary: vocabulary)
    let processor = try settings.tokenizerClass.processor(
      settings, vocabulary: TokenVocabulary(model: vocabulary, added: added))
    var pipeline = try settings.tokenizerClass.sections(settings).pipeline(
      model: tokenModel, addedTokens: added, processor: processor, path: path)
    pipeline.normalizers = [try SentencePieceNormalizer(model, path: path)]
    pipeline.startsWithLanguageCode = isMarian
    if isMarian, try settings.flag("separate_vocabs") ?? false {
      pipeline.targetVocabulary = try tokens(directory.file("target_vocab.json"))
    }
    return pipeline
  }

  /// The tokens of `vocab.json`, followed by the languages of M2M-100.
  private static func vocabulary(
    _ path: String, _ settings: TokenizerSettings
  ) throws -> ModelVocabulary {
    let file = try tokens(path)
    let languages = try LanguageTokens.names(of: settings)
    guard !languages.isEmpty else { return file }
    var tokens = file.tokens
    var ids = (0..<file.count).map(file.id)
    for (index, language) in languages.enumerated() where file.id(of: language) == nil {
      tokens.append(language.utf8)
      ids.append(Int32(file.count + index))
    }
    return try ModelVocabulary(tokens, ids: ids, path: path)
  }

  private static func tokens(_ path: String) throws -> ModelVocabulary {
    try TokenModelReader.vocabulary(
      ConfigurationReader(contentsOfFile: path, kind: .vocabulary, role: .tokenizer))
  }
}
