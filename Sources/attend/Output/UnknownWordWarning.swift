import AttentionModels
import DemonstrationModels

/// The warning on standard error that names the words that a demonstration model does not know: each word
/// once, and no further words after the first hundred.
struct UnknownWordWarning {
  private static let limit = 100
  private static let limitPerLine = 20

  private let model: DemonstrationModel
  private var warned: Set<String> = []

  init(_ model: DemonstrationModel) { self.model = model }

  mutating func warn(of texts: [String]) throws {
    guard warned.count < Self.limit else { return }
    let words = try model.unknownWords(in: texts.joined(separator: "\n"))
      .filter { warned.insert($0.lowercased()).inserted }
    guard !words.isEmpty else { return }
    let shown = words.prefix(Self.limitPerLine).map { printable($0, limit: 40) }
    let rest = words.count - shown.count
    ProgressBar.clear()
    StandardError.write(
      "Warning: \(model.rawValue) does not know \(words.count == 1 ? "this word" : "these words"): "
        + shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : ""))
    if warned.count >= Self.limit {
      StandardError.write("Warning: further unknown words are not listed")
    }
  }
}
