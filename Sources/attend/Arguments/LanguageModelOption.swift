import ArgumentParser
import Attention
import AttentionModels

/// Which language model writes, and how its weights are kept.
struct LanguageModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The model's folder, or its name in this package's or Hugging Face's cache. (default: the \
      demonstration model that comes with this package)
      """, valueName: "folder-or-name"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "How weights are kept in memory. (default: as in the files)", valueName: "format"))
  var weights: WeightFormat?

  @Option(
    help: ArgumentHelp(
      "What narrow weights are multiplied with: rounded is less exact, and on some processors faster.",
      valueName: "kind"))
  var layerInputs: LayerInputs = .exact

  /// The folder of the model.
  ///
  /// - Parameter standard: the model to use where none is named; standard error says so.
  /// - Throws: `Failure.Usage` for a model that is nowhere.
  func directory(standard: DemonstrationModel) throws -> ModelDirectory {
    do {
      if let model { return try ModelDirectory(model) }
      let directory = try standard.directory()
      StandardError.write(
        "No --model: this is \(standard.rawValue), a toy that knows a few hundred words.")
      return directory
    } catch let error as ModelError {
      throw Failure.Usage("\(error)\(ModelOption.hint(for: model ?? ""))")
    }
  }

  /// Loads the model with its tokenizer.
  func generator(_ directory: ModelDirectory) throws -> TextGenerator {
    try TextGenerator(directory, model: LanguageModels.load(directory, format: weights))
  }
}

extension WeightFormat: ExpressibleByArgument {}
extension LayerInputs: ExpressibleByArgument {}
