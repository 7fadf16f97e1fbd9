import ArgumentParser
import AttentionModels

/// Which model a verb uses.
struct ModelOption: ParsableArguments {
  /// The model that this package's scripts fetch.
  static let standard = "all-MiniLM-L6-v2"

  @Option(
    help: ArgumentHelp(
      "The model's folder, or its name in this package's or Hugging Face's cache.",
      valueName: "folder-or-name"))
  var model = ModelOption.standard

  /// The folder of the model.
  func directory() throws -> ModelDirectory {
    do {
      return try ModelDirectory(model)
    } catch let error as ModelError {
      let hint = model == Self.standard ? "; Scripts/fetch-model fetches it" : ""
      throw Failure.Usage("\(error)\(hint)")
    }
  }
}
