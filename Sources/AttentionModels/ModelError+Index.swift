extension ModelError {
  /// The same error with the index of its text; other errors are unchanged.
  package func withIndex(_ index: Int) -> ModelError {
    guard case .text(let name, _, let reason) = self else { return self }
    return .text(name, index: index, reason: reason)
  }

  /// The same error with `offset` added to the index of its text, for a call with only part of the texts.
  func shiftingIndex(by offset: Int) -> ModelError {
    guard case .text(let name, let index?, let reason) = self else { return self }
    return .text(name, index: offset + index, reason: reason)
  }
}
