import ArgumentParser
import Attention
import AttentionModels
import DemonstrationModels

/// The language model of a command, and the format and precision of its weights.
struct LanguageModelOption: ParsableArguments {
  @OptionGroup var model: TaskModelOption

  @Option(
    help: ArgumentHelp(
      """
      Activation precision for weights below float32: rounded is dynamic activation quantization \
      (W8A8 for int8), less exact, and faster on some processors.
      """,
      valueName: "kind"))
  var layerInputs: LayerInputs = .exact

  /// The folder of the model; see `TaskModelOption.directory(defaultModel:)`.
  func directory(defaultModel: DemonstrationModel) throws -> ModelDirectory {
    try model.directory(defaultModel: defaultModel)
  }

  /// Loads the model with its tokenizer.
  func generator(_ directory: ModelDirectory) throws -> TextGenerator {
    try TextGenerator(directory, model: LanguageModels.load(directory, format: model.weights))
  }
}

extension LayerInputs: ExpressibleByArgument {}
