import AttentionModels

extension ModelError {
  /// The error with the name that the command uses for the text. The library numbers the texts of one call
  /// from 0; a single text has no number.
  func namingText(_ name: (Int) -> String) -> ModelError {
    guard case .text(let text, let reason) = self else { return self }
    let index = text.split(separator: " ").last.flatMap { Int($0) } ?? 0
    return .text(name(index), reason: reason)
  }
}
