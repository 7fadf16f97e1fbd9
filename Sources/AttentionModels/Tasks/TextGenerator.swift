import Attention

/// Continues texts, or with an encoder–decoder answers them with others.
///
/// ```swift
/// let generator = try TextGenerator(model: "models/gpt2")
/// for try await piece in generator.stream("Once upon a time") {
///   print(piece.text, terminator: "")
///   fflush(nil)  // shows the piece now: `print` alone waits for the end of the line
/// }
/// ```
///
/// A value over shared immutable weights: any number of tasks can use one generator at once.
public struct TextGenerator: Sendable {
  /// What cuts texts into tokens, and puts them together again.
  public let tokenizer: Tokenizer
  /// What continues them.
  public let model: any LanguageModel
  /// The options that hold where a call has none of its own.
  public var options: GenerationOptions
  /// The tasks that the model's configuration describes.
  public let tasks: [TextTask]
  /// The most tokens of a prompt; nil for no limit.
  ///
  /// Of a loaded encoder–decoder it is the smaller of the model's limit and the tokenizer's
  /// (`model_max_length` in `tokenizer_config.json`): T5 itself has none. A decoder's prompts are limited
  /// by the model alone. A model's own limit holds whatever is set here.
  public var maxPromptLength: Int?

  let format: TextFormat
  let modelPath: String

  /// A generator of these parts, without tasks of its own.
  ///
  /// - Parameters:
  ///   - tokenizer: the model's tokenizer.
  ///   - model: any language model.
  ///   - options: what holds where a call has no options of its own.
  /// - Throws: `AttentionError.argument` for options that make no sense.
  public init(
    tokenizer: Tokenizer, model: any LanguageModel,
    options: GenerationOptions = GenerationOptions()
  ) throws {
    try self.init(
      tokenizer: tokenizer, model: model, options: options, tasks: [], cleansUpSpaces: false,
      maxPromptLength: nil, path: "tokenizer")
  }

  /// Loads a model with its tokenizer, options and tasks.
  ///
  /// - Parameters:
  ///   - model: the path of its folder, or a name; see ``ModelDirectory/init(_:revision:)``.
  ///   - revision: the revision in Hugging Face's cache; nil for `main`.
  ///   - format: how matrices are kept in memory; nil means as in the file.
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for
  ///   one that cannot be read or leads out of the folder; `AttentionError.memory`.
  public init(model: String, revision: String? = nil, format: WeightFormat? = nil) throws {
    try self.init(ModelDirectory(model, revision: revision), format: format)
  }

  /// Loads the model in a folder with its tokenizer, options and tasks.
  ///
  /// - Throws: as ``init(model:revision:format:)``.
  public init(_ directory: ModelDirectory, format: WeightFormat? = nil) throws {
    try self.init(directory, model: LanguageModels.load(directory, format: format))
  }

  /// A generator of a model that has been loaded from `directory`, whose tokenizer, options and tasks it
  /// takes.
  ///
  /// - Throws: ``ModelError`` naming the file and what is wrong with it; `AttentionError.file` for
  ///   one that cannot be read or leads out of the folder.
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
  ) throws {
    try options.check(vocabularySize: model.vocabularySize)
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

  /// What the model writes to each text; texts of any lengths are continued together.
  ///
  /// - Parameters:
  ///   - texts: the prompts. One without tokens begins with ``GenerationOptions/bosToken``.
  ///   - options: how tokens are chosen, and when texts end; nil for ``options``.
  ///   - truncation: what happens to a prompt that leaves no room.
  /// - Returns: for each prompt as many texts as ``GenerationOptions/resultCount`` says.
  /// - Throws: `AttentionError.argument` for options that make no sense, and naming "logits" where they
  ///   are not finite or leave no token; ``ModelError/text(_:index:reason:)`` for a prompt that is empty,
  ///   "longer than" there is room for, or has a token for which the model has no embedding;
  ///   `CancellationError` in a task that has been cancelled; `AttentionError.memory`.
  public func generate(
    _ texts: [String], options: GenerationOptions? = nil, truncation: Truncation = .refuse
  ) throws -> [[GeneratedText]] {
    let options = (options ?? self.options).completed(by: self.options)
    try options.check(vocabularySize: model.vocabularySize)
    let prompts = try Workers.map(texts, chunk: 16) { index, text in
      do {
        return try prompt(text, named: "prompt", options: options, truncation: truncation)
      } catch let error as ModelError {
        throw error.withIndex(index)
      }
    }
    let outputs = try Generation(model, options: options, format: format).run(prompts)
    return zip(prompts, outputs).map { prompt, outputs in
      outputs.map { GeneratedText($0, promptTokenCount: prompt.count) }
    }
  }

  /// What the model writes to one text, piece by piece.
  ///
  /// Tokens are computed as they are asked for, and no sooner: whoever takes the pieces sets the pace.
  /// The computation runs in the task that takes them, on that task's executor if it prefers one, with
  /// the backend and the threads of its scope; cancelling the task, or leaving the loop, ends it within
  /// a token.
  ///
  /// - Parameters:
  ///   - text: the prompt. Without tokens it begins with ``GenerationOptions/bosToken``.
  ///   - options: how tokens are chosen, and when the text ends; nil for ``options``. Of a beam search
  ///     the whole text comes at once.
  ///   - truncation: what happens to a prompt that leaves no room.
  /// - Returns: the pieces; they throw what ``generate(_:options:truncation:)`` does.
  public func stream(
    _ text: String, options: GenerationOptions? = nil, truncation: Truncation = .refuse
  ) -> GeneratedTextStream {
    GeneratedTextStream(
      generator: self, text: text, options: (options ?? self.options).completed(by: self.options),
      truncation: truncation)
  }

  /// The tokens of a prompt.
  func prompt(
    _ text: String, named name: String, options: GenerationOptions, truncation: Truncation
  ) throws -> [Int] {
    var encoding = try tokenizer.encode(
      text, addingSpecialTokens: options.addsSpecialTokens)
    if encoding.ids.isEmpty, let bosToken = options.bosToken {
      guard (0..<model.vocabularySize).contains(bosToken) else {
        throw ModelError.text(
          name,
          reason:
            "no tokens, and bos_token_id \(bosToken), with which a text begins, is not one of "
            + "the \(model.vocabularySize) ids of the model")
      }
      return [bosToken]
    }
    let count = encoding.ids.count
    let limit = [maxPromptLength, model.maxPromptLength].compactMap(\.self).min()
    switch truncation {
    case .refuse:
      if let limit, count > limit {
        throw ModelError.text(
          name, reason: "\(count) tokens, longer than the \(limit) of the model")
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
    try encoding.requireRows(model.vocabularySize, named: name)
    return encoding.ids
  }
}

extension GeneratedText {
  init(_ output: Generation.Output, promptTokenCount: Int) {
    self.init(
      text: output.text, tokens: output.tokens.tokens, finishReason: output.tokens.finishReason,
      score: output.tokens.score, promptTokenCount: promptTokenCount, timings: output.timings)
  }
}
