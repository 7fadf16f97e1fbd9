import AttentionModels

extension ModelError {
  /// The error with the name of its text in place of its index.
  ///
  /// - Parameter name: the name of the text at an index among those of the call; a call for a single text
  ///   has index 0.
  func namingText(_ name: (Int) -> String) -> ModelError {
    guard case .text(_, let index, let reason) = self else { return self }
    return .text(name(index ?? 0), reason: reason)
  }
}
