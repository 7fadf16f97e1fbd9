import Attention

/// Something that a model has been trained to do with a text, as its configuration describes it: what
/// stands before the text, and how the answer is written.
public struct TextTask: Sendable, Hashable {
  /// The name in the configuration, such as `translation_en_to_fr`.
  public var name: String
  /// What stands before the text, such as `translate English to French: `.
  public var prefix: String
  /// How the answer is written.
  public var options: GenerationOptions

  /// A task of your own.
  ///
  /// - Parameters:
  ///   - name: any name.
  ///   - prefix: what stands before a text.
  ///   - options: how the answer is written.
  public init(name: String, prefix: String = "", options: GenerationOptions = GenerationOptions()) {
    self.name = name
    self.prefix = prefix
    self.options = options
  }

  /// What the model is given for `text`: ``prefix`` and the text.
  public func prompt(_ text: String) -> String { prefix + text }

  /// The tasks in `task_specific_params` of a model's `config.json`, by name.
  ///
  /// A setting that a task lacks is as in `options`. One that is wrong or not implemented is an error
  /// when the task is performed, not before: a model may describe tasks that nobody asks for.
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
