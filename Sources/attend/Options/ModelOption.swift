import ArgumentParser
import AttentionModels
import DemonstrationModels

/// The model of a command.
struct ModelOption: ParsableArguments {
  /// The default model, which `Scripts/fetch-model` downloads.
  static let defaultName = "all-MiniLM-L6-v2"

  @Option(
    help: ArgumentHelp(
      "Model folder, or name of a model in this package's or Hugging Face's cache.",
      valueName: "folder-or-name"))
  var model = ModelOption.defaultName

  @OptionGroup var revision: RevisionOption

  /// The folder of the model.
  func directory() throws -> ModelDirectory {
    try Self.directory(named: model, revision: revision.revision)
  }

  /// The folder of a model.
  static func directory(named name: String, revision: String? = nil) throws -> ModelDirectory {
    do {
      return try DemonstrationModel.directory(named: name, revision: revision)
    } catch let error as ModelError {
      throw CLIError.Usage("\(error)\(hint(for: name))")
    }
  }

  /// The end of an error about a model that is not found: how to download the model, or a similar name.
  static func hint(for model: String) -> String {
    if model == defaultName { return "; Scripts/fetch-model downloads it" }
    let parts = model.split(separator: "/", omittingEmptySubsequences: false)
    let isHubName = parts.count == 2 && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") }
    if isHubName {
      return "; Scripts/fetch \(printable(model)) downloads it from the Hugging Face hub"
    }
    let toys = DemonstrationModel.allCases.map(\.rawValue)
    if let meant = Suggestion.closest(to: model, among: toys + [defaultName]), meant != model {
      return
        "; did you mean '\(meant)'? The demo models are \(toys.joined(separator: ", "))"
    }
    return ""
  }
}
