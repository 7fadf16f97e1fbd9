import AttentionModels

extension ModelError {
  /// The error with `name` of its text: the library counts the texts of one call from 0, and gives a
  /// single text no number.
  func namingText(_ name: (Int) -> String) -> ModelError {
    guard case .text(let text, let reason) = self else { return self }
    let index = text.split(separator: " ").last.flatMap { Int($0) } ?? 0
    return .text(name(index), reason: reason)
  }
}
