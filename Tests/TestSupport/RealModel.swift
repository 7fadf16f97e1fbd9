import AttentionCore
import Foundation

/// The folder of all-MiniLM-L6-v2, where it was fetched; tests that need it are skipped otherwise.
package enum RealModel {
  /// Whether it stands where its name alone finds it, as documentation does.
  package static let isKnownByName = (try? ModelDirectory("all-MiniLM-L6-v2")) != nil

  package static let directory: String? = {
    let environment = ProcessInfo.processInfo.environment
    let cache =
      environment["XDG_CACHE_HOME"] ?? environment["HOME"].map { "\($0)/.cache" } ?? ""
    let candidates = [
      environment["SWIFT_ATTENTION_MODEL"], "\(cache)/swift-attention/all-MiniLM-L6-v2",
    ]
    return candidates.compactMap { $0 }.first {
      FileManager.default.fileExists(atPath: "\($0)/tokenizer.json")
    }
  }()
}
