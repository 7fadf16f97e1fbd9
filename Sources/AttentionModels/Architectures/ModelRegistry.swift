import Attention

/// The models of one kind that can be loaded, by the `model_type` in their `config.json`.
struct ModelRegistry<Model>: Sendable {
  typealias Load = @Sendable (ModelDirectory, WeightFormat?) throws -> Model

  /// The function that loads each architecture.
  let loaders: [String: Load]
  /// What the models are for, in errors.
  let task: String

  /// The architectures that one function loads.
  struct Family: Sendable {
    let types: [String]
    let load: Load

    init(_ types: [String], load: @escaping Load) { (self.types, self.load) = (types, load) }
  }

  init(task: String, _ families: [Family]) {
    self.task = task
    loaders = Dictionary(
      uniqueKeysWithValues: families.flatMap { family in family.types.map { ($0, family.load) } })
  }

  /// The supported values of `model_type`.
  var architectures: [String] { loaders.keys.sorted() }

  /// Loads the model in a folder.
  ///
  /// - Throws: `ModelError.unsupported` for another architecture, with the supported ones by task; the errors
  ///   of the model.
  func load(_ directory: ModelDirectory, format: WeightFormat?) throws -> Model {
    let config = try directory.configuration()
    let type = try config.string("model_type")
    guard let load = loaders[type] else {
      throw config.unsupportedArchitecture(type, for: task)
    }
    return try load(directory, format)
  }
}
