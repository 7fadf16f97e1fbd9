import ArgumentParser
import AttentionModels
import DemonstrationModels
import Verification

/// The checks of `attend verify`: those of the library, and those of models in folders.
struct VerifyChecks {
  /// The name of the check of `--model`.
  static let modelName = "model"

  let all: [any VerificationCheck]
  /// The options that repeat a case of these checks: " --model FOLDER", or nothing.
  let options: String

  /// - Parameter model: the folder or name of a model to check in place of the demonstration models.
  /// - Throws: `CLIError.Usage` for a model that is not found.
  init(model: String?) throws {
    guard let model else {
      all = Self.ofLibrary
      options = ""
      return
    }
    do {
      let directory = try DemonstrationModel.directory(named: model)
      all = Verification.checks + [FolderCheck(name: Self.modelName, directory)]
    } catch let error as ModelError {
      throw CLIError.Usage("\(error)\(ModelOption.hint(for: model))")
    }
    options = " --model \(shellWord(model))"
  }

  /// The checks without `--model`. A demonstration model whose files are missing has no check.
  private static let ofLibrary: [any VerificationCheck] =
    Verification.checks
    + DemonstrationModel.generators.compactMap { model in
      (try? model.directory()).map { FolderCheck(name: model.rawValue, $0) }
    }

  /// The name and the summary of each check, for the help.
  static var table: String {
    let rows =
      Verification.checks.map { ($0.name, $0.summary) }
      + DemonstrationModel.generators.map { ($0.rawValue, "a model that comes with this package") }
      + [(modelName, "the model of --model")]
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, summary in
      "  \(name)\(String(repeating: " ", count: width - name.count))  \(summary)"
    }.joined(separator: "\n")
  }
}
