import AttentionCore
import Foundation

/// The models that come with this package, so that every application works with nothing downloaded.
///
/// They are toys: `Scripts/demo-model` trained them on sentences of a small grammar. They know a few
/// hundred words, which `words.txt` in each folder lists, and nothing of the world. For any other text
/// their results are nonsense. Each folder's README.md says how the model was made, how exact it is, and
/// what it cannot do.
///
/// ```swift
/// let model = try LanguageModels.load(DemonstrationModel.toyT5.directory())
/// ```
public enum DemonstrationModel: String, CaseIterable, Sendable {
  /// A T5 that translates, summarizes and answers: English to French, in simple sentences.
  case toyT5 = "toy-t5"
  /// A GPT-2 that continues short stories in English.
  case toyGPT2 = "toy-gpt2"

  /// The model's folder, which is installed with the library.
  ///
  /// It is looked for in the package's resources, which the package manager puts beside the executable,
  /// and in `../share/swift-attention/Demonstration` from there, for one that was installed.
  ///
  /// - Throws: `ModelError.notFound` with the places that were searched.
  public func directory() throws -> ModelDirectory {
    try directory(in: ResourcePlaces.all())
  }

  /// The model's folder in the first of the places that has it.
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
        + (searched.isEmpty ? "nowhere to look" : searched))
  }
}

/// Where the resources of this module may lie.
///
/// `Bundle.module` ends the process where they are missing; a binary that was copied without them is
/// to say so, and to do all the rest of its work.
private enum ResourcePlaces {
  /// What the package manager calls the folder: the package's name and the target's.
  #if canImport(Darwin)
    static let name = "swift-attention_DemonstrationModels.bundle"
  #else
    static let name = "swift-attention_DemonstrationModels.resources"
  #endif

  /// The folders to look in, in order.
  static func all() -> [String] {
    // Foundation resolves the links that an executable was started by.
    var parents = [Bundle.main.bundleURL]
    #if canImport(Darwin)
      // An application keeps its resources apart; in a test the main bundle is the test runner's.
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
  /// A class of this module, which is how Foundation finds the bundle that the module is in.
  private final class BundleMarker {}
#endif
