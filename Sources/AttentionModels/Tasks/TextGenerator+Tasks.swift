import Attention

extension TextGenerator {
  /// The task that the model's configuration calls `name`.
  ///
  /// - Throws: ``ModelError/unsupported(path:what:supported:)`` naming the task and the supported tasks.
  public func task(_ name: String) throws -> TextTask {
    guard let task = tasks.first(where: { $0.name == name }) else {
      throw ModelError.unsupported(
        path: modelPath, what: "task \(name)", supported: tasks.map(\.name))
    }
    return task
  }

  /// The task called `name`. If the configuration does not have the task, returns a task with the model's
  /// options.
  func task(_ name: String, prefix: String?) -> TextTask {
    var task = tasks.first { $0.name == name } ?? TextTask(name: name, options: options)
    task.prefix = prefix ?? task.prefix
    return task
  }

  /// Performs a task on each text.
  ///
  /// - Parameters:
  ///   - task: one of ``tasks``, or a custom task.
  ///   - texts: the texts, without the task's prefix.
  ///   - truncation: what to do with a text that is too long.
  /// - Returns: the best result for each text, in order.
  /// - Throws: as ``generate(_:options:truncation:)-([String],_,_)``.
  public func perform(
    _ task: TextTask, _ texts: [String], truncation: Truncation = .refuse
  ) throws -> [GeneratedText] {
    try prepared(for: task)
      .generate(texts.map(task.prompt), options: task.singleOptions, truncation: truncation)
      .compactMap(\.first)
  }

  /// Performs a task on a text.
  ///
  /// - Parameters:
  ///   - task: one of ``tasks``, or a custom task.
  ///   - text: the text, without the task's prefix.
  ///   - truncation: what to do with a text that is too long.
  /// - Returns: the best result.
  /// - Throws: as ``generate(_:options:truncation:)-(String,_,_)``.
  public func perform(
    _ task: TextTask, _ text: String, truncation: Truncation = .refuse
  ) throws -> GeneratedText {
    try prepared(for: task)
      .generate(task.prompt(text), options: task.singleOptions, truncation: truncation)
  }

  // MARK: Summaries

  /// The task of summarizing: `summarization` in the configuration. Without it (BART for summaries, a
  /// fine-tuned T5), the task has the model's options and no prefix.
  ///
  /// - Parameter prefix: the prefix of each text; nil for the prefix in the configuration.
  public func summarization(prefix: String? = nil) -> TextTask {
    task("summarization", prefix: prefix)
  }

  /// Summarizes texts.
  ///
  /// - Parameters:
  ///   - texts: the texts.
  ///   - prefix: the prefix of each text, such as `summarize: ` for T5; nil for the prefix in the
  ///     configuration.
  ///   - truncation: what to do with a text that is too long.
  /// - Returns: the summaries, in order.
  /// - Throws: as ``generate(_:options:truncation:)-([String],_,_)``.
  public func summarize(
    _ texts: [String], prefix: String? = nil, truncation: Truncation = .refuse
  ) throws -> [GeneratedText] {
    try perform(summarization(prefix: prefix), texts, truncation: truncation)
  }

  /// Summarizes a text.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - prefix: the prefix of the text, such as `summarize: ` for T5; nil for the prefix in the
  ///     configuration.
  ///   - truncation: what to do with a text that is too long.
  /// - Throws: as for several texts.
  public func summarize(
    _ text: String, prefix: String? = nil, truncation: Truncation = .refuse
  ) throws -> GeneratedText {
    try perform(summarization(prefix: prefix), text, truncation: truncation)
  }

  // MARK: Answers

  /// The task of answering a question from a context: `question_answering` in the configuration; without it,
  /// a task with the model's options, for the format that T5 was trained with.
  public var questionAnswering: TextTask { task("question_answering", prefix: nil) }

  /// The prompt for a question, in the format that T5 was trained with: `question: … context: …`.
  ///
  /// - Parameters:
  ///   - question: the question.
  ///   - context: the text that contains the answer.
  public static func prompt(question: String, context: String) -> String {
    "question: \(question) context: \(context)"
  }

  /// Answers questions from a context.
  ///
  /// - Parameters:
  ///   - questions: the questions.
  ///   - context: the text that contains the answers.
  ///   - truncation: what to do with a question and context that are too long.
  /// - Returns: the answers, in order.
  /// - Throws: as ``generate(_:options:truncation:)-([String],_,_)``.
  public func answer(
    _ questions: [String], context: String, truncation: Truncation = .refuse
  ) throws -> [GeneratedText] {
    try perform(
      questionAnswering, questions.map { Self.prompt(question: $0, context: context) },
      truncation: truncation)
  }

  /// Answers a question from a context.
  ///
  /// - Parameters:
  ///   - question: the question.
  ///   - context: the text that contains the answer.
  ///   - truncation: what to do with a question and context that are too long.
  /// - Throws: as for several questions.
  public func answer(
    _ question: String, context: String, truncation: Truncation = .refuse
  ) throws -> GeneratedText {
    try perform(
      questionAnswering, Self.prompt(question: question, context: context), truncation: truncation)
  }
}

extension TextTask {
  /// The options for one result per text.
  fileprivate var singleOptions: GenerationOptions {
    var options = options
    options.resultCount = 1
    return options
  }
}
