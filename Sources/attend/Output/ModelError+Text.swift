import AttentionModels

extension ModelError {
  /// The error with the name of its text in place of its index.
  ///
  /// - Parameter name: returns the name of the text at an index of the call; the index of a single text is 0.
  func namingText(_ name: (Int) -> String) -> ModelError {
    guard case .text(_, let index, let reason) = self else { return self }
    return .text(name(index ?? 0), reason: reason)
  }
}
