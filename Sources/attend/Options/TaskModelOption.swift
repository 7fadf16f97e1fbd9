import ArgumentParser
import AttentionModels
import DemonstrationModels

/// The model of a command whose default is a demonstration model, and the format of its weights.
struct TaskModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Model folder, or name of a model in this package's or Hugging Face's cache. (default: the \
      demo model that comes with this package)
      """, valueName: "folder-or-name"))
  var model: String?

  @OptionGroup var revision: RevisionOption

  @Option(
    help: ArgumentHelp(
      "Format of the weights in memory. (default: as in the files)", valueName: "format"))
  var weights: WeightFormat?

  /// The folder of the model.
  ///
  /// - Parameter defaultModel: the model to use without `--model`; a line on standard error says so.
  /// - Throws: `CLIError.Usage` for a model that is not found.
  func directory(defaultModel: DemonstrationModel) throws -> ModelDirectory {
    do {
      if let model {
        return try DemonstrationModel.directory(named: model, revision: revision.revision)
      }
      let directory = try defaultModel.directory()
      StandardError.write(
        "No --model: using \(defaultModel.rawValue), a demo model that knows a few hundred words.")
      return directory
    } catch let error as ModelError {
      throw CLIError.Usage("\(error)\(ModelOption.hint(for: model ?? ""))")
    }
  }

  mutating func validate() throws {
    if model == nil, revision.revision != nil {
      throw ValidationError("--revision needs --model")
    }
  }
}

extension WeightFormat: ExpressibleByArgument {}
