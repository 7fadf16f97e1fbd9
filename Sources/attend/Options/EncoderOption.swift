import ArgumentParser
import Attention
import AttentionModels

/// The encoder of a command, and the format of its weights.
struct EncoderOption: ParsableArguments {
  @OptionGroup var model: ModelOption

  @Option(
    help: ArgumentHelp(
      "Format of the weights in memory. (default: as in the files)", valueName: "format"))
  var weights: WeightFormat?

  /// The name of the model, as the user typed it.
  var name: String { model.model }

  /// The folder of the model.
  func directory() throws -> ModelDirectory { try model.directory() }
}
