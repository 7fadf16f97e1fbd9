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
  /// What a task does not say is as in `options`.
  static func all(_ directory: ModelDirectory, options: GenerationOptions) throws -> [TextTask] {
    guard directory.contains("config.json"),
      let tasks = try directory.configuration().optionalNested("task_specific_params")
    else { return [] }
    return try tasks.object.keys.sorted().map { name in
      let config = try tasks.nested(name)
      var task = TextTask(
        name: name, prefix: try config.optionalString("prefix") ?? "", options: options)
      try task.options.apply(config)
      return task
    }
  }
}
