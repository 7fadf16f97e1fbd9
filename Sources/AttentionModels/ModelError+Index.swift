extension ModelError {
  /// The same error with the index of its text; errors of other kinds stay as they are.
  func withIndex(_ index: Int) -> ModelError {
    guard case .text(let name, _, let reason) = self else { return self }
    return .text(name, index: index, reason: reason)
  }

  /// The same error for a text at `offset` + its index: the call was given a part of the texts.
  func shiftingIndex(by offset: Int) -> ModelError {
    guard case .text(let name, let index?, let reason) = self else { return self }
    return .text(name, index: offset + index, reason: reason)
  }
}
