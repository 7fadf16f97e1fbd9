import AttentionCore
import Foundation

/// Tiny models that come with this package, for examples without a download.
///
/// `Scripts/demo-model` trained them on sentences of a small grammar. They know a few hundred words, which
/// `words.txt` in each folder lists; for any other text, their results are nonsense. The README.md in each
/// folder says how the model was trained, how accurate it is, and what it cannot do.
///
/// ```swift
/// let model = try LanguageModels.load(DemonstrationModel.toyT5.directory())
/// ```
public enum DemonstrationModel: String, CaseIterable, Sendable {
  /// A T5 that translates simple English sentences to French, summarizes, and answers questions.
  case toyT5 = "toy-t5"
  /// A GPT-2 that continues short stories in English.
  case toyGPT2 = "toy-gpt2"
  /// A BERT that marks the answer to a question in a short story.
  case toyAnswers = "toy-answers"
  /// A BERT that tells negative, neutral and positive sentences apart.
  case toySentiment = "toy-sentiment"
  /// A BERT that finds the topics of a sentence, of which there may be several.
  case toyTopics = "toy-topics"
  /// A BERT that decides whether a text supports a statement, for labels of one's choice.
  case toyNLI = "toy-nli"
  /// A BERT that finds the names of persons, places and organizations.
  case toyNames = "toy-names"
  /// A BERT that predicts masked words.
  case toyFill = "toy-fill"
  /// A BERT that scores how well a text answers a query.
  case toyRerank = "toy-rerank"

  /// The models that generate text.
  package static let generators: [DemonstrationModel] = [.toyT5, .toyGPT2]

  /// The folder of the model.
  ///
  /// Searches the package's resources, which Swift Package Manager puts beside the executable, and
  /// `../share/swift-attention/Demonstration` relative to the folder of an installed executable.
  ///
  /// - Throws: `ModelError.notFound` with the folders that were searched.
  public func directory() throws -> ModelDirectory {
    try directory(in: ResourcePlaces.all())
  }

  /// The model's folder in the first of `places` that contains the model.
  package func directory(in places: [String]) throws -> ModelDirectory {
    for place in places {
      let folder = "\(place)/Demonstration/\(rawValue)"
      if FileManager.default.fileExists(atPath: "\(folder)/config.json") {
        return try ModelDirectory(path: folder)
      }
    }
    let searched = places.map { "not in \($0)" }.joined(separator: ", ")
    throw ModelError.notFound(
      model: rawValue,
      reason: "the resources of the package are missing: "
        + (searched.isEmpty ? "no folder to search" : searched))
  }
}

/// The folders that may contain the resources of this module.
///
/// Not `Bundle.module`, which ends the process if the resources are missing: with a binary that was copied
/// without them, only the demonstration models must fail, with an error.
private enum ResourcePlaces {
  /// The folder's name from Swift Package Manager: the names of the package and the target.
  #if canImport(Darwin)
    static let name = "swift-attention_DemonstrationModels.bundle"
  #else
    static let name = "swift-attention_DemonstrationModels.resources"
  #endif

  /// The folders in the order of the search.
  static func all() -> [String] {
    // Foundation resolves symbolic links to the executable.
    var parents = [Bundle.main.bundleURL]
    #if canImport(Darwin)
      // An application has a folder for resources; in a test the main bundle is the test runner's.
      let module = Bundle(for: BundleMarker.self)
      parents += [Bundle.main.resourceURL, module.resourceURL].compactMap(\.self)
      parents.append(module.bundleURL.deletingLastPathComponent())
    #endif
    var places: [String] = []
    for bundle in parents.map({ $0.appendingPathComponent(name) }) {
      places.append(bundle.path)
      #if canImport(Darwin)
        places.append(bundle.appendingPathComponent("Contents/Resources").path)
      #endif
    }
    if let executable = Bundle.main.executableURL?.resolvingSymlinksInPath() {
      let prefix = executable.deletingLastPathComponent().deletingLastPathComponent()
      places.append(prefix.appendingPathComponent("share/swift-attention").path)
    }
    var seen: Set<String> = []
    return places.filter { seen.insert($0).inserted }
  }
}

#if canImport(Darwin)
  /// A class of this module: Foundation finds the module's bundle by it.
  private final class BundleMarker {}
#endif
