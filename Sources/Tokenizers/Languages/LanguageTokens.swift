import AttentionCore

/// The languages of a translation model, and the places of their tokens.
package struct LanguageTokens: Sendable {
  /// How a model is told the languages.
  package enum Place: Sendable, Hashable {
    /// `[source] text </s>`; the first token of the translation is forced: M2M-100, NLLB, mBART-50.
    case beforeText
    /// `text </s> [source]`; the first token of the translation is forced: early NLLB models.
    case afterText
    /// `text </s> [source]`; the translation starts with the target instead of another token: mBART.
    case afterTextAndStart
    /// `>>target<< text`: Marian models with several target languages.
    case inText
    /// Nowhere: Marian models with one target language.
    case fixed
  }

  package let place: Place
  /// The codes as the model names them, such as `fr`, `fra_Latn` or `fr_XX`, and the ids of their tokens.
  package let codes: [(code: String, id: Int)]
  /// The source language of the prompts. Of a Marian model: the only source language; nil for any or unknown.
  package private(set) var source: String?
  /// The only target language of a Marian model; nil for any or unknown.
  package let target: String?
  private let end: TemplateProcessor.SpecialToken?

  /// The token of each language, in the order of their ids; empty for a class without a fixed list.
  static func names(of settings: TokenizerSettings) throws(ModelError) -> [String] {
    switch settings.tokenizerClass {
    case .m2m100:
      let key = "language_codes"
      let name = try settings.file.optionalString(key) ?? "m2m100"
      guard let list = LanguageLists.m2m100[name] else {
        throw .unsupported(
          path: settings.file.path, what: "\(key) \(printable(name))",
          supported: LanguageLists.m2m100.keys.sorted())
      }
      return LanguageLists.codes(list).map { "__\($0)__" }
    case .mbart: return LanguageLists.codes(LanguageLists.mbart)
    case .mbart50: return LanguageLists.codes(LanguageLists.mbart + " " + LanguageLists.mbart50)
    default: return []
    }
  }

  /// The languages of a tokenizer; nil for a class without languages.
  ///
  /// - Throws: `ModelError.tokenizer` if the source language or the EOS token is not in the vocabulary.
  init?(
    _ settings: TokenizerSettings, _ pipeline: Tokenizer.Pipeline
  ) throws(ModelError) {
    let vocabulary = TokenVocabulary(
      model: pipeline.model.vocabulary, added: pipeline.addedTokens)
    let file = settings.file
    var names = try Self.names(of: settings)
    let standard: String?
    switch settings.tokenizerClass {
    case .m2m100: (place, standard) = (.beforeText, "en")
    case .mbart: (place, standard) = (.afterTextAndStart, "en_XX")
    case .mbart50: (place, standard) = (.beforeText, "en_XX")
    case .nllb:
      let isLegacy = try settings.flag("legacy_behaviour") ?? false
      (place, standard) = (isLegacy ? .afterText : .beforeText, "eng_Latn")
      names = pipeline.addedTokens.filter(\.isSpecial).map(\.content).filter(Self.isNLLBCode)
    case .marian:
      let tokens = pipeline.model.vocabulary
      names = (0..<tokens.count).lazy.filter { tokens.bytes(at: $0).starts(with: ">>".utf8) }
        .map(tokens.string).filter(Self.isMarianToken)
      (place, standard) = (names.isEmpty ? .fixed : .inText, nil)
    default: return nil
    }
    codes = names.compactMap { name in
      vocabulary.id(of: name).map { (Self.code(of: name), Int($0)) }
    }
    guard settings.tokenizerClass != .marian else {
      source = try file.optionalString("source_lang")
      target = try place == .fixed ? file.optionalString("target_lang") : nil
      end = nil
      return
    }
    target = nil
    guard !codes.isEmpty else { return nil }
    let name = settings.token("eos_token")?.content ?? "</s>"
    guard let id = vocabulary.id(of: name) else {
      throw .tokenizer(path: file.path, reason: "eos_token is not in the vocabulary")
    }
    end = .init(id: id, reading: name)
    let language = try file.optionalString("src_lang") ?? standard
    guard codes.contains(where: { $0.code == language }) else {
      throw .tokenizer(
        path: file.path,
        reason: "src_lang \(quoted(language ?? "")) is not among the \(codes.count) languages")
    }
    source = language
  }

  /// The same languages with another source language; nil for a code that is not one of ``codes``.
  func reading(_ code: String) -> LanguageTokens? {
    guard codes.contains(where: { $0.code == code }) else { return nil }
    var languages = self
    languages.source = code
    return languages
  }

  /// The special tokens around a text in the source language; nil if they do not depend on it.
  var template: TemplateProcessor? {
    guard let end, let source, let language = codes.first(where: { $0.code == source }) else {
      return nil
    }
    let token = TemplateProcessor.SpecialToken(id: Int32(language.id), reading: source)
    let isBefore = place == .beforeText
    let start: [TemplateProcessor.Piece] = isBefore ? [.special([token], typeID: 0)] : []
    let last = TemplateProcessor.Piece.special(isBefore ? [end] : [end, token], typeID: 0)
    let text = TemplateProcessor.Piece.text(isSecond: false, typeID: 0)
    return TemplateProcessor(
      single: start + [text, last],
      pair: start + [text, .text(isSecond: true, typeID: 0), last])
  }

  // MARK: - Forms of tokens

  /// `fr` of `__fr__` and `>>fr<<`.
  private static func code(of name: String) -> String {
    let isMarked = name.count > 4 && (name.hasPrefix("__") && name.hasSuffix("__"))
    return isMarked || isMarianToken(name) ? String(name.dropFirst(2).dropLast(2)) : name
  }

  private static func isMarianToken(_ name: String) -> Bool {
    name.hasPrefix(">>") && name.hasSuffix("<<") && name.utf8.count > 4
  }

  /// Whether a token has the form of `fra_Latn`.
  private static func isNLLBCode(_ name: String) -> Bool {
    let parts = name.split(separator: "_", omittingEmptySubsequences: false).map { Array($0.utf8) }
    let lowercase = UInt8(ascii: "a")...UInt8(ascii: "z")
    guard parts.count == 2, parts[0].count == 3, parts[1].count == 4 else { return false }
    return parts[0].allSatisfy(lowercase.contains)
      && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(parts[1][0])
      && parts[1].dropFirst().allSatisfy(lowercase.contains)
  }
}

extension Tokenizer {
  /// The languages of a translation model; nil for other tokenizers.
  package var languages: LanguageTokens? { pipeline.languages }

  /// A tokenizer of texts in another source language.
  ///
  /// - Parameter code: one of the codes of ``languages``; any other code changes nothing.
  package func reading(_ code: String) -> Tokenizer {
    guard let languages = languages?.reading(code) else { return self }
    var tokenizer = self
    tokenizer.setLanguages(languages)
    return tokenizer
  }
}
