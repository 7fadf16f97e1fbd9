import AttentionCore
import Foundation

/// The downloaded model all-MiniLM-L6-v2. If it is missing, tests that need it are skipped.
package enum RealModel {
  /// Whether `ModelDirectory` finds the model by name, as code in the documentation requires.
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
