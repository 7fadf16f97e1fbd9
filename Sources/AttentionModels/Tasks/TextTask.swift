import Attention

/// A task that a model was trained for, as its configuration describes it: the prefix of each text, and the
/// options of the result.
public struct TextTask: Sendable, Hashable {
  /// The name in the configuration, such as `translation_en_to_fr`.
  public var name: String
  /// The prefix of each text, such as `translate English to French: `.
  public var prefix: String
  /// How the result is generated.
  public var options: GenerationOptions
  /// The language of the texts, as the model names it, if the tokenizer marks it: `fr`, `fra_Latn` or
  /// `fr_XX`. nil for the language in the tokenizer's files, or for a model without such marks.
  public var sourceLanguage: String?

  /// Creates a custom task.
  ///
  /// - Parameters:
  ///   - name: any name.
  ///   - prefix: the prefix of each text.
  ///   - options: how the result is generated.
  public init(name: String, prefix: String = "", options: GenerationOptions = GenerationOptions()) {
    self.name = name
    self.prefix = prefix
    self.options = options
  }

  /// The prompt for a text: ``prefix`` and the text.
  public func prompt(_ text: String) -> String { prefix + text }

  /// The tasks in `task_specific_params` of a model's `config.json`, by name.
  ///
  /// If a task does not have a setting, the value comes from `options`. A setting that is wrong or not
  /// implemented is an error when the task is performed, not when the model is loaded: the task may never be
  /// used.
  static func all(
    _ directory: ModelDirectory, options: GenerationOptions, vocabularySize: Int
  ) throws -> [TextTask] {
    guard directory.contains("config.json") else { return [] }
    let file = try directory.configuration()
    guard let tasks = try? file.optionalNested("task_specific_params") else { return [] }
    return tasks.object.keys.sorted().compactMap { name -> TextTask? in
      guard let settings = tasks.value(name) else { return nil }
      var task = TextTask(name: name, options: options)
      do throws(ModelError) {
        let config = try tasks.reader(for: settings, named: name)
        task.prefix = try config.optionalString("prefix") ?? ""
        try task.options.apply(config, vocabularySize: vocabularySize)
      } catch {
        task.options.refuse(error, key: "task_specific_params")
      }
      return task
    }
  }
}
