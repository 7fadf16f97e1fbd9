extension Tokenizer.Pipeline {
  /// Finds the ids of the special tokens that the files or the class name, such as `mask_token`.
  ///
  /// A folder with nothing but `tokenizer.json` names none: then the mask is the special token `[MASK]` or `<mask>`,
  /// and the first token `[CLS]` or `<s>`.
  mutating func setNamedTokens(_ settings: TokenizerSettings) {
    let vocabulary = TokenVocabulary(model: model.vocabulary, added: addedTokens)
    for name in TokenizerClass.specialTokenKeys {
      guard let content = settings.token(name)?.content else { continue }
      namedTokens[name] = vocabulary.id(of: content)
    }
    for (name, contents) in ["mask_token": ["[MASK]", "<mask>"], "cls_token": ["[CLS]", "<s>"]]
    where namedTokens[name] == nil {
      namedTokens[name] = addedTokens.first { $0.isSpecial && contents.contains($0.content) }?.id
    }
  }
}

extension Tokenizer {
  /// The id of the token that stands for a token to predict, such as `[MASK]`; nil without one.
  package var maskToken: Int? { pipeline.namedTokens["mask_token"].map { Int($0) } }
  /// The id of the token at the start of each input, such as `[CLS]`; nil without one.
  package var classToken: Int? { pipeline.namedTokens["cls_token"].map { Int($0) } }
  /// The id of the token of unknown words; nil without one.
  package var unknownToken: Int? { pipeline.namedTokens["unk_token"].map { Int($0) } }
  /// Whether pieces within a word have a prefix, such as "##" of WordPiece.
  package var marksContinuingPieces: Bool { pipeline.model.marksContinuingPieces }
}
