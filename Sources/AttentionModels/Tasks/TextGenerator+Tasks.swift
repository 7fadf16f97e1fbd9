import Attention

extension TextGenerator {
  /// The task that the model's configuration calls `name`.
  ///
  /// - Throws: ``ModelError/unsupported(path:what:supported:)`` naming the task and those there are.
  public func task(_ name: String) throws -> TextTask {
    guard let task = tasks.first(where: { $0.name == name }) else {
      throw ModelError.unsupported(
        path: modelPath, what: "task \(name)", supported: tasks.map(\.name))
    }
    return task
  }

  /// The task called `name`, or where the configuration has none one with the model's own options.
  private func task(_ name: String, prefix: String?) -> TextTask {
    var task = tasks.first { $0.name == name } ?? TextTask(name: name, options: options)
    task.prefix = prefix ?? task.prefix
    return task
  }

  // MARK: Translation

  /// The pairs of languages that the model translates between, as its configuration names them: `en` and
  /// `fr` for `translation_en_to_fr`.
  public var languagePairs: [(source: String, target: String)] {
    tasks.compactMap { task in
      let words = task.name.split(separator: "_")
      guard words.count == 4, words[0] == "translation", words[2] == "to" else { return nil }
      return (String(words[1]), String(words[3]))
    }
  }

  /// The task of translating from one language to another.
  ///
  /// A model whose configuration describes no translation (a fine-tune for one pair of languages) has the
  /// model's own options and no prefix.
  ///
  /// - Parameters:
  ///   - source: the language of the text, as the configuration names it: `en`.
  ///   - target: the language of the translation: `fr`.
  ///   - prefix: what stands before each text; nil: what the configuration says.
  /// - Throws: ``ModelError/unsupported(path:what:supported:)`` naming the pair and those there are, where
  ///   the configuration describes other pairs alone and there is no `prefix`.
  public func translation(
    from source: String, to target: String, prefix: String? = nil
  ) throws -> TextTask {
    let name = "translation_\(source)_to_\(target)"
    guard
      prefix != nil || languagePairs.isEmpty || tasks.contains(where: { $0.name == name })
    else {
      throw ModelError.unsupported(
        path: modelPath, what: "translation from \(source) to \(target)",
        supported: languagePairs.map { "\($0.source) to \($0.target)" })
    }
    return task(name, prefix: prefix)
  }

  /// Translates texts.
  ///
  /// - Parameters:
  ///   - texts: the texts.
  ///   - source: the language of the texts, as the configuration names it: `en`.
  ///   - target: the language of the translations: `fr`.
  ///   - prefix: what stands before each text; nil: what the configuration says.
  ///   - truncation: what happens to a text that is too long.
  /// - Returns: the translations, in order.
  /// - Throws: what ``translation(from:to:prefix:)`` and ``generate(_:options:truncation:)`` throw.
  public func translate(
    _ texts: [String], from source: String, to target: String, prefix: String? = nil,
    truncation: Truncation = .refuse
  ) throws -> [GeneratedText] {
    try perform(
      translation(from: source, to: target, prefix: prefix), texts, truncation: truncation)
  }

  // MARK: Summaries

  /// The task of summarizing: `summarization` in the configuration. A model without it (BART for
  /// summaries, a fine-tuned T5) has the model's own options and no prefix.
  ///
  /// - Parameter prefix: what stands before each text; nil: what the configuration says.
  public func summarization(prefix: String? = nil) -> TextTask {
    task("summarization", prefix: prefix)
  }

  /// Summarizes texts.
  ///
  /// - Parameters:
  ///   - texts: the texts.
  ///   - prefix: what stands before each text, as `summarize: ` for T5; nil: what the configuration says.
  ///   - truncation: what happens to a text that is too long.
  /// - Returns: the summaries, in order.
  /// - Throws: what ``generate(_:options:truncation:)`` throws.
  public func summarize(
    _ texts: [String], prefix: String? = nil, truncation: Truncation = .refuse
  ) throws -> [GeneratedText] {
    try perform(summarization(prefix: prefix), texts, truncation: truncation)
  }

  // MARK: Answers

  /// The task of answering a question from a context: `question_answering` in the configuration or,
  /// where there is none, as T5 was trained for it.
  public var questionAnswering: TextTask { task("question_answering", prefix: nil) }

  /// What the model is given for a question: `question: … context: …`, as T5 was trained.
  ///
  /// - Parameters:
  ///   - question: the question.
  ///   - context: the text that has the answer.
  public static func prompt(question: String, context: String) -> String {
    "question: \(question) context: \(context)"
  }

  /// Answers questions from a context.
  ///
  /// - Parameters:
  ///   - questions: the questions.
  ///   - context: the text that has the answers.
  ///   - truncation: what happens to a question with a context that is too long.
  /// - Returns: the answers, in order.
  /// - Throws: what ``generate(_:options:truncation:)`` throws.
  public func answer(
    _ questions: [String], context: String, truncation: Truncation = .refuse
  ) throws -> [GeneratedText] {
    try perform(
      questionAnswering, questions.map { Self.prompt(question: $0, context: context) },
      truncation: truncation)
  }

  /// Performs a task on each text; the best answer to each.
  ///
  /// - Parameters:
  ///   - task: one of ``tasks``, or your own.
  ///   - texts: the texts, without the task's prefix.
  ///   - truncation: what happens to a text that is too long.
  /// - Throws: what ``generate(_:options:truncation:)`` throws.
  public func perform(
    _ task: TextTask, _ texts: [String], truncation: Truncation = .refuse
  ) throws -> [GeneratedText] {
    var options = task.options
    options.resultCount = 1
    return try generate(texts.map(task.prompt), options: options, truncation: truncation)
      .compactMap(\.first)
  }
}
