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
      throw Failure.Usage("\(error)\(Self.hint(for: model))")
    }
  }

  /// How a model that is nowhere can be had.
  static func hint(for model: String) -> String {
    if model == standard { return "; Scripts/fetch-model fetches it" }
    let parts = model.split(separator: "/", omittingEmptySubsequences: false)
    let isHubName = parts.count == 2 && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") }
    return isHubName ? "; Scripts/fetch \(model) brings it from the hub, if it is there" : ""
  }
}
