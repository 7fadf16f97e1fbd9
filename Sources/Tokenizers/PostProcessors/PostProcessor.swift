/// The last step of tokenization: trims offsets, truncates, and adds special tokens.
struct PostProcessor: Sendable {
  var trimmers: [OffsetTrimmer] = []
  var template: TemplateProcessor

  /// The memory of the table that the trimmers share.
  var byteCount: Int { trimmers.first?.byteCount ?? 0 }

  func encoding(
    of texts: [(tokens: TokenSequence, kept: Int)], addingSpecialTokens: Bool,
    vocabulary: TokenVocabulary
  ) -> Encoding {
    var texts = texts
    for index in texts.indices {
      for trimmer in trimmers { trimmer.trim(&texts[index].tokens) }
    }
    return template.encoding(
      of: texts, addingSpecialTokens: addingSpecialTokens, vocabulary: vocabulary)
  }
}
