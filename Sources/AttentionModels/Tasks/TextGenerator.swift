import Attention

/// Generates texts with a language model. A decoder continues a prompt. An encoder–decoder reads a prompt and
/// generates another text, such as a translation.
///
/// ```swift
/// let generator = try TextGenerator(model: "models/gpt2")
/// print(try generator.generate("Once upon a time").text)
/// for try await piece in generator.stream("Once upon a time") {
///   print(piece.text, terminator: "")
///   fflush(nil)  // shows the piece now: `print` alone waits for the end of the line
/// }
/// ```
///
/// The weights are immutable and shared: any number of tasks can use one generator at once.
public struct TextGenerator: ModelTask {
  /// The tokenizer of the model.
  public private(set) var tokenizer: Tokenizer
  /// The language model.
  public let model: any LanguageModel
  /// The options of calls without options.
  public var options: GenerationOptions
  /// The tasks that the model's configuration describes.
  public let tasks: [TextTask]
  /// The maximum number of tokens of a prompt; nil for no limit.
  ///
  /// For a loaded encoder–decoder, the smaller of the model's limit and the tokenizer's (`model_max_length`
  /// in `tokenizer_config.json`); T5 itself has no limit. For a decoder, the limit of the model. A larger
  /// value does not raise the model's limit.
  public var maxPromptLength: Int?

  let format: TextFormat
  let modelPath: String

  /// Creates a generator from a tokenizer and a model, without tasks.
  ///
  /// - Parameters:
  ///   - tokenizer: the tokenizer of the model.
  ///   - model: any language model.
  ///   - options: the options of calls without options.
  /// - Throws: `AttentionError.argument` for invalid options.
  public init(
    tokenizer: Tokenizer, model: any LanguageModel,
    options: GenerationOptions = GenerationOptions()
  ) throws {
    try options.check(vocabularySize: model.vocabularySize)
    self.init(
      tokenizer: tokenizer, model: model, options: options, tasks: [], cleansUpSpaces: false,
      maxPromptLength: nil, path: "tokenizer")
  }

  /// Loads the model in a folder with its tokenizer, options and tasks.
  ///
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for a file that cannot
  ///   be read or is outside the folder; `AttentionError.memory`.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    try self.init(directory, model: LanguageModels.load(directory, format: format))
  }

  /// Creates a generator from a model that has been loaded from `directory`, with the tokenizer, options and
  /// tasks in the folder.
  ///
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for
  ///   a file that cannot be read or is outside the folder.
  public init(_ directory: ModelDirectory, model: any LanguageModel) throws {
    let options = try GenerationOptions(
      reading: directory, vocabularySize: model.vocabularySize)
    let tokenizerConfiguration = try directory.tokenizerConfiguration()
    try self.init(
      tokenizer: Tokenizer(directory), model: model, options: options,
      tasks: TextTask.all(
        directory, options: options, vocabularySize: model.vocabularySize),
      cleansUpSpaces: tokenizerConfiguration?.optionalBoolean("clean_up_tokenization_spaces")
        ?? false,
      maxPromptLength: model.isEncoderDecoder ? tokenizerConfiguration?.maxLength() : nil,
      path: directory.path)
  }

  private init(
    tokenizer: Tokenizer, model: any LanguageModel, options: GenerationOptions, tasks: [TextTask],
    cleansUpSpaces: Bool, maxPromptLength: Int?, path: String
  ) {
    self.tokenizer = tokenizer
    self.model = model
    self.options = options
    self.tasks = tasks
    format = TextFormat(
      tokenizer: tokenizer, cleansUpSpaces: cleansUpSpaces && !tokenizer.isBytePairEncoding)
    modelPath = path
    self.maxPromptLength = [maxPromptLength, model.maxPromptLength].compactMap(\.self)
      .min()
  }

  /// Generates the texts of several prompts, of any lengths, together.
  ///
  /// - Parameters:
  ///   - texts: the prompts. A prompt without tokens begins with ``GenerationOptions/bosToken``.
  ///   - options: how tokens are chosen, and when texts end; nil for ``options``.
  ///   - truncation: what to do with a prompt that leaves no room for new tokens.
  /// - Returns: for each prompt, ``GenerationOptions/resultCount`` texts.
  /// - Throws: `AttentionError.argument` for invalid options, and naming "logits" if they are not finite
  ///   or rule out every token; ``ModelError/text(_:index:reason:)`` for a prompt that is empty, is
  ///   "longer than" the limit, or has a token without an embedding;
  ///   `CancellationError` in a task that has been cancelled; `AttentionError.memory`.
  public func generate(
    _ texts: [String], options: GenerationOptions? = nil, truncation: Truncation = .refuse
  ) throws -> [[GeneratedText]] {
    try generate(texts, plan(options), truncation: truncation)
  }

  /// Generates the text of one prompt.
  ///
  /// - Parameters:
  ///   - text: the prompt. A prompt without tokens begins with ``GenerationOptions/bosToken``.
  ///   - options: how tokens are chosen, and when the text ends; nil for ``options``.
  ///   - truncation: what to do with a prompt that leaves no room for new tokens.
  /// - Returns: the text; if the options request several results, the first.
  /// - Throws: as for several prompts.
  public func generate(
    _ text: String, options: GenerationOptions? = nil, truncation: Truncation = .refuse
  ) throws -> GeneratedText {
    let plan = try plan(options)
    let prompt = try prompt(text, options: plan.options, truncation: truncation)
    guard let result = try model.generate([prompt], plan).first?.first else {
      throw AttentionError.argument("logits", reason: "the model and the options allow no text")
    }
    return result
  }

  /// Generates the text of one prompt piece by piece.
  ///
  /// Tokens are computed only when a piece is requested. The computation runs in the task that
  /// requests it, on the executor that the task prefers, with the backend and the threads of its scope.
  /// Cancelling the task, or leaving the loop, ends the computation within a token.
  ///
  /// - Parameters:
  ///   - text: the prompt. A prompt without tokens begins with ``GenerationOptions/bosToken``.
  ///   - options: how tokens are chosen, and when the text ends; nil for ``options``. A beam search returns
  ///     the whole text as one piece.
  ///   - truncation: what to do with a prompt that leaves no room for new tokens.
  /// - Returns: the pieces, which throw as `generate` does.
  public func stream(
    _ text: String, options: GenerationOptions? = nil, truncation: Truncation = .refuse
  ) -> GeneratedTextStream {
    GeneratedTextStream(generator: self, text: text, options: options, truncation: truncation)
  }
}

// MARK: - Steps of a call

extension TextGenerator {
  /// Checks the options of a call and completes them with the generator's.
  ///
  /// - Throws: as ``GenerationOptions/check(vocabularySize:)``.
  package func plan(_ options: GenerationOptions?) throws -> DecodingPlan {
    try DecodingPlan(
      (options ?? self.options).completed(by: self.options),
      vocabularySize: model.vocabularySize, format: format)
  }

  /// The generator whose prompts are in the source language of a task.
  ///
  /// - Throws: ``ModelError/unsupported(path:what:supported:)`` for a language that the tokenizer does not have.
  package func prepared(for task: TextTask) throws -> TextGenerator {
    guard let language = task.sourceLanguage else { return self }
    var generator = self
    generator.tokenizer = tokenizer.reading(try sourceCode(language))
    return generator
  }

  /// `generate` with options that have been checked.
  package func generate(
    _ texts: [String], _ plan: DecodingPlan, truncation: Truncation
  ) throws -> [[GeneratedText]] {
    let prompts = try Workers.map(texts, chunk: 16) { index, text in
      do {
        return try prompt(text, options: plan.options, truncation: truncation)
      } catch let error as ModelError {
        throw error.withIndex(index)
      }
    }
    return try model.generate(prompts, plan)
  }

  /// `stream` with options that have been checked, for synchronous callers.
  package func pieces(
    of text: String, _ plan: DecodingPlan, truncation: Truncation
  ) throws -> TextPieces {
    try TextPieces(
      prompt(text, options: plan.options, truncation: truncation), plan, model: model)
  }

  /// The tokens of a prompt.
  func prompt(
    _ text: String, options: GenerationOptions, truncation: Truncation
  ) throws -> [Int] {
    var encoding = try tokenizer.encode(
      text, addingSpecialTokens: options.addsSpecialTokens)
    if encoding.ids.isEmpty, let bosToken = options.bosToken {
      guard (0..<model.vocabularySize).contains(bosToken) else {
        throw ModelError.text(
          "prompt",
          reason:
            "no tokens, and bos_token_id \(bosToken), which begins an empty prompt, is out of "
            + "range for a vocabulary of \(model.vocabularySize)")
      }
      return [bosToken]
    }
    let count = encoding.ids.count
    let limit = [maxPromptLength, model.maxPromptLength].compactMap(\.self).min()
    switch truncation {
    case .refuse:
      if let limit, count > limit {
        throw ModelError.text(
          "prompt", reason: "\(count) tokens, longer than the limit of \(limit)")
      }
    case .cutEnd:
      let length =
        model.isEncoderDecoder
        ? limit.map { (most: $0, cut: $0) } : options.promptLength(limit: limit)
      if let length, count > length.most {
        encoding = try tokenizer.encode(
          text, addingSpecialTokens: options.addsSpecialTokens, maxLength: length.cut)
      }
    }
    try encoding.requireRows(model.promptVocabularySize, named: "prompt")
    return encoding.ids
  }
}
