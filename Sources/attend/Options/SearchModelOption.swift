import ArgumentParser
import Attention
import AttentionModels
import AttentionSearch

/// The sentence model of a search; an index names its own.
struct SearchModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Model folder, or name of a model in this package's or Hugging Face's cache. An index accepts only its \
      own model. (default: the model of the index, else \(ModelOption.defaultName))
      """, valueName: "folder-or-name"))
  var model: String?

  @OptionGroup var revision: RevisionOption

  @Option(
    help: ArgumentHelp(
      "Format of the weights in memory. (default: as in the files)", valueName: "format"))
  var weights: WeightFormat?

  /// The folder of the model, and the name that an index records: an absolute path, or a name.
  ///
  /// - Parameter index: the name in an index; nil for the default model.
  func directory(of index: String? = nil) throws -> (directory: ModelDirectory, name: String) {
    let name = model ?? index ?? ModelOption.defaultName
    let directory = try ModelOption.directory(named: name, revision: revision.revision)
    let isFolder = isDirectory(name)
    return (directory, isFolder ? TypedPath(flag: nil, path: name).destination : name)
  }

  /// Loads the model.
  func load(_ found: (directory: ModelDirectory, name: String)) throws -> SearchModel {
    try SearchModel(found.directory, name: found.name, format: weights)
  }
}
