extension TokenizerClass {
  /// The post-processor of this class.
  ///
  /// - Throws: `ModelError.tokenizer` if a special token of the class is not defined or not in the
  ///   vocabulary.
  /// - Source: the class's initializer in transformers 5, and `TokenizersBackend.update_post_processor`.
  func processor(
    _ settings: TokenizerSettings, vocabulary: TokenVocabulary
  ) throws(ModelError) -> PostProcessor {
    func token(_ name: String) throws(ModelError) -> TemplateProcessor.SpecialToken {
      guard let content = settings.token(name)?.content, let id = vocabulary.id(of: content) else {
        throw .tokenizer(
          path: settings.file.path, reason: "\(name) is not defined or not in the vocabulary")
      }
      return .init(id: id, reading: content)
    }
    switch self {
    case .albert, .bert, .debertaV2:
      return PostProcessor(
        template: .bert(start: try token("cls_token"), separator: try token("sep_token")))
    case .mpnet, .roberta:
      let template = TemplateProcessor.roberta(
        start: try token("cls_token"), separator: try token("sep_token"))
      // MPNet has no options: its offsets are those of RoBERTa's defaults.
      let trims = self == .mpnet ? true : try settings.flag("trim_offsets") ?? true
      guard trims else { return PostProcessor(template: template) }
      let keepsSpace = self == .mpnet ? false : try settings.flag("add_prefix_space") ?? false
      return PostProcessor(
        trimmers: [OffsetTrimmer(keepsPrefixSpace: keepsSpace, spaces: TokenSpaces(vocabulary))],
        template: template)
    case .camembert, .clip, .xlmRoberta:
      return PostProcessor(
        template: .roberta(start: try token("bos_token"), separator: try token("eos_token")))
    case .t5:
      let end = TemplateProcessor.Piece.special([try token("eos_token")], typeID: 0)
      let single = [.text(isSecond: false, typeID: 0), end]
      return PostProcessor(
        template: TemplateProcessor(
          single: single, pair: single + [.text(isSecond: true, typeID: 0), end]))
    case .marian, .pegasus:
      let end = TemplateProcessor.Piece.special([try token("eos_token")], typeID: 0)
      let text = TemplateProcessor.Piece.text(isSecond: false, typeID: 0)
      return PostProcessor(
        template: TemplateProcessor(
          single: [text, end], pair: [text, .text(isSecond: true, typeID: 0), end]))
    case .m2m100, .mbart, .mbart50, .nllb:
      // Replaced by the template of `LanguageTokens`.
      return PostProcessor(template: .plain)
    case .gemma, .gpt2, .llama, .qwen2, .generic:
      let addsBegin = try settings.flag("add_bos_token") ?? false
      let addsEnd = try settings.flag("add_eos_token") ?? false
      return PostProcessor(
        template: .framed(
          begin: addsBegin && settings.token("bos_token") != nil ? try token("bos_token") : nil,
          end: addsEnd && settings.token("eos_token") != nil ? try token("eos_token") : nil))
    }
  }
}

extension TemplateProcessor {
  /// Puts each text between `begin` and `end` (nil: no token). The second text has type 1.
  fileprivate static func framed(begin: SpecialToken?, end: SpecialToken?) -> TemplateProcessor {
    func frame(isSecond: Bool) -> [Piece] {
      let typeID = isSecond ? 1 : 0
      return (begin.map { [.special([$0], typeID: typeID)] } ?? [])
        + [.text(isSecond: isSecond, typeID: typeID)]
        + (end.map { [.special([$0], typeID: typeID)] } ?? [])
    }
    let single = frame(isSecond: false)
    return TemplateProcessor(single: single, pair: single + frame(isSecond: true))
  }
}
