import Attention

extension TextGenerator {
  /// The language pairs that the model translates, as its configuration names them: `en` and
  /// `fr` for `translation_en_to_fr`. Empty for models with language tokens: see ``languages``.
  public var languagePairs: [(source: String, target: String)] {
    if let source = tokenizer.languages?.source, let target = tokenizer.languages?.target {
      return [(source, target)]
    }
    return tasks.compactMap { task in
      let words = task.name.split(separator: "_")
      guard words.count == 4, words[0] == "translation", words[2] == "to" else { return nil }
      return (String(words[1]), String(words[3]))
    }
  }

  /// The languages that the model translates, as its files name them: `fr`, `fra_Latn` or `fr_XX`.
  ///
  /// M2M-100, NLLB and mBART translate from each language to each other one; Marian models with several
  /// languages translate to these. T5 has the languages of ``languagePairs``. Empty if the files name none.
  public var languages: [String] {
    if let codes = tokenizer.languages?.codes.map(\.code), !codes.isEmpty { return codes }
    var languages: [String] = []
    for pair in languagePairs {
      for language in [pair.source, pair.target] where !languages.contains(language) {
        languages.append(language)
      }
    }
    return languages
  }

  /// The task of translating from one language to another.
  ///
  /// A language is a code of ISO 639 (`fr`, `fra`), with a script or region if needed (`zh-Hant`, `pt_BR`), or
  /// the model's own code (`fra_Latn`, `fr_XX`). The model is told the languages as it was trained: by the
  /// prefix of a task in its configuration (T5), by language tokens in the prompt and at the start of the
  /// translation (M2M-100, NLLB, mBART), or by `>>fra<<` in front of the text (Marian). A model for one pair of
  /// languages needs none.
  ///
  /// - Parameters:
  ///   - source: the language of the text; nil for the only one, or the one in the tokenizer's files.
  ///   - target: the language of the translation; nil for the only one, or the one in the model's files.
  ///   - prefix: the prefix of each text; nil for the model's. With a prefix, the languages of models without
  ///     language tokens are not checked.
  /// - Throws: ``ModelError/unsupported(path:what:supported:)`` naming the language or the pair, and the
  ///   supported ones; or saying that the model names no languages, if languages are given.
  public func translation(
    from source: String? = nil, to target: String? = nil, prefix: String? = nil
  ) throws -> TextTask {
    guard let tokens = tokenizer.languages, tokens.place != .fixed else {
      return try pairTranslation(from: source, to: target, prefix: prefix)
    }
    var task = TextTask(name: "translation", prefix: prefix ?? "", options: options)
    if tokens.place == .inText {
      if let source { try requireOnlySource(source) }
      guard target != nil || prefix == nil else { return task }
      task.prefix = ">>\(try targetCode(target).code)<< \(task.prefix)"
      return task
    }
    task.sourceLanguage = try source.map(sourceCode)
    let isStart = tokens.place == .afterTextAndStart
    // The model's files may have a target language.
    guard target != nil || !isStart && options.forcedFirstToken == nil else { return task }
    let id = try targetCode(target).id
    if isStart {
      (task.options.startToken, task.options.forcedFirstToken) = (id, nil)
    } else {
      task.options.forcedFirstToken = id
    }
    return task
  }

  /// A translation by a task of the configuration, or by a model for one pair of languages.
  private func pairTranslation(
    from source: String?, to target: String?, prefix: String?
  ) throws -> TextTask {
    let words = [source.map { "from \($0)" }, target.map { "to \($0)" }].compactMap(\.self)
    let what = (["translation"] + words).joined(separator: " ")
    func task(_ pair: (source: String, target: String)) -> TextTask {
      self.task("translation_\(pair.source)_to_\(pair.target)", prefix: prefix)
    }
    // Marian models may name a group of languages, such as mul.
    let acceptsGroups = tokenizer.languages != nil
    func means(_ name: String?, _ code: String) -> Bool {
      guard let name, !acceptsGroups || LanguageCode(code).isKnown else { return true }
      return !LanguageCode.codes([code], meaning: name).isEmpty
    }
    let pairs = languagePairs.filter { means(source, $0.source) && means(target, $0.target) }
    if pairs.count == 1 { return task(pairs[0]) }
    if prefix != nil { return task((source ?? "", target ?? "")) }
    guard languagePairs.isEmpty else {
      throw ModelError.unsupported(
        path: modelPath, what: words.isEmpty ? "translation without languages" : what,
        supported: languagePairs.map { "\($0.source) to \($0.target)" })
    }
    guard words.isEmpty else {
      throw ModelError.unsupported(
        path: modelPath,
        what: "\(what): the model's files name no languages; it may translate without them",
        supported: [])
    }
    return self.task("translation", prefix: prefix)
  }

  // MARK: Languages of tokens

  /// The model's code of a source language.
  func sourceCode(_ name: String) throws -> String {
    try language(name, kind: "source language").code
  }

  private func targetCode(_ name: String?) throws -> (code: String, id: Int) {
    guard let name else {
      throw unsupported("translation without a target language")
    }
    return try language(name, kind: "target language")
  }

  private func language(_ name: String, kind: String) throws -> (code: String, id: Int) {
    let codes = tokenizer.languages?.codes ?? []
    let found = LanguageCode.codes(codes.map(\.code), meaning: name)
    guard let code = found.first, let language = codes.first(where: { $0.code == code }) else {
      throw unsupported("\(kind) \(name)")
    }
    guard found.count == 1 else {
      throw ModelError.unsupported(
        path: modelPath, what: "\(kind) \(name), which has several codes", supported: found)
    }
    return language
  }

  /// Checks the source language of a model that does not mark it.
  private func requireOnlySource(_ name: String) throws {
    guard let only = tokenizer.languages?.source, LanguageCode(only).isKnown,
      LanguageCode.codes([only], meaning: name).isEmpty
    else { return }
    throw ModelError.unsupported(
      path: modelPath, what: "source language \(name)", supported: [only])
  }

  /// The most languages that an error lists.
  private static let listedCount = 12

  private func unsupported(_ what: String) -> ModelError {
    let more = languages.count - Self.listedCount
    return .unsupported(
      path: modelPath, what: what,
      supported: languages.prefix(Self.listedCount) + (more > 0 ? ["… and \(more) more"] : []))
  }

  // MARK: Results

  /// Translates texts.
  ///
  /// ```swift
  /// try generator.translate(["Hello."], from: "en", to: "fr")
  /// ```
  ///
  /// - Parameters:
  ///   - texts: the texts.
  ///   - source: the language of the texts; see ``translation(from:to:prefix:)``.
  ///   - target: the language of the translations.
  ///   - prefix: the prefix of each text; nil for the model's.
  ///   - truncation: what to do with a text that is too long.
  /// - Returns: the translations, in order.
  /// - Throws: as ``translation(from:to:prefix:)`` and ``generate(_:options:truncation:)-([String],_,_)``.
  public func translate(
    _ texts: [String], from source: String? = nil, to target: String? = nil,
    prefix: String? = nil, truncation: Truncation = .refuse
  ) throws -> [GeneratedText] {
    try perform(
      translation(from: source, to: target, prefix: prefix), texts, truncation: truncation)
  }

  /// Translates a text.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - source: the language of the text; see ``translation(from:to:prefix:)``.
  ///   - target: the language of the translation.
  ///   - prefix: the prefix of the text; nil for the model's.
  ///   - truncation: what to do with a text that is too long.
  /// - Throws: as for several texts.
  public func translate(
    _ text: String, from source: String? = nil, to target: String? = nil, prefix: String? = nil,
    truncation: Truncation = .refuse
  ) throws -> GeneratedText {
    try perform(
      translation(from: source, to: target, prefix: prefix), text, truncation: truncation)
  }
}
